import { UserError } from '../../kit/user-error.ts';
import type { Model } from '../model/model.ts';
import type { Explanation, TrafficRequest } from './types.ts';

/**
 * Says what becomes of one request.
 *
 * @throws UserError when the request cannot be one: a host that is no name, a port out of range, a pod or gateway that is not there
 */
export function explain(_model: Model, request: TrafficRequest): Explanation {
  throw new UserError(`cannot explain ${request.host} yet`);
}
