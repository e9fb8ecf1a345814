/** What means something to Mermaid or to HTML, as a character code, which Mermaid reads between # and a semicolon. */
export function mermaidText(text: string): string {
  return oneLine(text).replace(/[^\p{L}\p{N} .,:/_=→·…*%+-]/gu, (one) => `#${one.codePointAt(0)};`);
}

/** Without line breaks and other control characters, and without halves of characters. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}]+/gu, ' ').trim();
}
