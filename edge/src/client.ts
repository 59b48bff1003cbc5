/** The worker, as functions that promise an answer. */

import type { Name, Posted, Reply, Requests } from "./messages.js";

interface Waiting {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: Error) => void;
}

export class Client {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #number = 0;

  constructor(url: URL, progress: (text: string) => void) {
    this.#worker = new Worker(url, { type: "module" });
    this.#worker.addEventListener("message", (event: MessageEvent<Reply>) => {
      const reply = event.data;
      if ("progress" in reply) {
        progress(reply.progress);
        return;
      }
      const waiting = this.#waiting.get(reply.number);
      this.#waiting.delete(reply.number);
      if ("failure" in reply) waiting?.reject(new Error(reply.failure));
      else waiting?.resolve(reply.answer as never);
    });
    this.#worker.addEventListener("error", (event) => {
      const error = new Error(`the page's worker failed (${event.message || "it did not start"}); reload the page`);
      for (const { reject } of this.#waiting.values()) reject(error);
      this.#waiting.clear();
    });
  }

  /** Ask for something; rejects with a message for the reader. */
  ask<Key extends Name>(name: Key, request: Requests[Key]["request"]): Promise<Requests[Key]["answer"]> {
    const number = this.#number++;
    const posted: Posted = { number, name, request };
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, { resolve, reject });
      this.#worker.postMessage(posted);
    });
  }
}
