export { type Ledger, type LedgerChart, type LedgerImage, ledgerOf } from './ledger.ts';
export { mirrored } from './mirrored.ts';
export { Renaming } from './renaming.ts';
