/** A VoIP platform that activities are sent to, as its document keeps it. */
export interface NetworkResource {
  readonly id: string;
  readonly version: number;
  readonly name: string;
  /** Id of the hierarchy node it belongs to; it serves the node's subtree. */
  readonly node: string;
  /** Ids of that node and of all above it, from the root down: it is found at each of them. */
  readonly ancestors: readonly string[];
  /** `YYYY-MM-DDTHH:mm:ss.sssZ` */
  readonly createdAt: string;
}
