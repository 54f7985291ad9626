/** A box of keys at a window, as the local call port of an agent hears it: presses over HTTP on the agent's own machine. */
import { readFile } from 'node:fs/promises';

export type KeyAct = 'next' | 'recall' | 'no_show' | 'pause' | 'resume';

export interface KeyReply {
  readonly status: number;
  readonly body: {
    readonly handled?: 'server' | 'island';
    readonly ticket?: string;
    readonly callNumber?: number;
    readonly code?: string;
    readonly reason?: string;
  };
}

export interface KeyBox {
  press(act: KeyAct): Promise<KeyReply>;
  /** The blank key of the machine: all its screens black, or shown again. */
  blank(on: boolean): Promise<KeyReply>;
}

export interface KeyBoxOptions {
  /** `call-port.json` in the data folder of the agent; read at every press, for the agent may have been restarted. */
  readonly file: string;
  readonly window: string;
  /** Id of the box, for the records. */
  readonly key?: string;
}

export function createKeyBox({ file, window, key = `keys-${window}` }: KeyBoxOptions): KeyBox {
  const post = async (path: string, body: object): Promise<KeyReply> => {
    const { url, token } = JSON.parse(await readFile(file, 'utf8')) as { url: string; token: string };
    const response = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as KeyReply['body'] };
  };
  return {
    press: (act) => post('/v1/act', { window, act, key }),
    blank: (on) => post('/v1/blank', { on, key }),
  };
}
