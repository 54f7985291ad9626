import { boardFrame } from '../../board-frame.ts';
import { textParameter, type BoardTemplate } from '../../template.ts';
import data from './template.json' with { type: 'json' };

/** Says which board this is, to whoever stands before it. */
export const boardIdentify: BoardTemplate = {
  kind: 'board',
  ...data,
  view: (input) => {
    const id = textParameter(input.content, 'device') ?? '◇';
    return { ...boardFrame(input), kind: 'neutral', notice: { zh: textParameter(input.content, 'name') ?? id, en: id } };
  },
};
