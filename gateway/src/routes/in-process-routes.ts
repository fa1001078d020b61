/** Routes of a subgraph in the same process. */
import { askRoute, type RouteAnswer, type Routes } from '@numberyard/kit/service/routes';
import type { PassedRequest, RouteSource } from './route-source.js';

export class InProcessRoutes implements RouteSource {
  readonly #routes: Routes;

  constructor(routes: Routes = new Map()) {
    this.#routes = routes;
  }

  async ask(request: PassedRequest): Promise<RouteAnswer> {
    return askRoute(this.#routes, request.method, request);
  }

  async close(): Promise<void> {
    // Whoever made the subgraph drains it.
  }
}
