import type { FoundView } from '@hall/contracts';
import { Button } from 'antd';
import type { ComponentType } from 'react';
import { Link } from 'wouter';
import { useWords } from '../i18n/language.tsx';
import { useMay } from '../shell/me.ts';
import { ageText } from '../time/age.ts';
import { useWallNow } from '../time/ticking.ts';
import { FoundSketch } from './found-sketch.tsx';
import { useIgnore } from './use-discovery.ts';

interface RowProps {
  readonly row: FoundView;
  readonly onAdopt: (row: FoundView) => void;
}

function AdoptAction({ row, onAdopt }: RowProps) {
  const t = useWords().discovery;
  if (row.device !== null || row.found.known !== undefined) return null;
  return (
    <Button type="primary" aria-label={t.adoptTitle(row.found.place)} onClick={() => onAdopt(row)}>
      {t.adopt}
    </Button>
  );
}

function IgnoreAction({ row }: RowProps) {
  const t = useWords().discovery;
  const ignore = useIgnore();
  if (row.device !== null || row.found.known !== undefined) return null;
  const word = row.ignored ? t.unignore : t.ignore;
  return (
    <Button
      aria-label={`${word} ${row.found.place}`}
      onClick={() => ignore.mutate({ id: row.id, ignored: !row.ignored })}
      loading={ignore.isPending}
    >
      {word}
    </Button>
  );
}

/** What can be done with a found device. A further act is one line here. */
const foundActions: readonly { readonly key: string; readonly Action: ComponentType<RowProps> }[] = [
  { key: 'adopt', Action: AdoptAction },
  { key: 'ignore', Action: IgnoreAction },
];

function FoundCard({ row, onAdopt }: RowProps) {
  const words = useWords();
  const t = words.discovery;
  const wall = useWallNow();
  const mayEdit = useMay('content.edit');
  const { found } = row;
  const device = row.device ?? found.known;
  const size =
    found.widthPx === undefined || found.heightPx === undefined ? t.sizeUnknown : t.sizeText(found.widthPx, found.heightPx);
  const asked = found.known === undefined;
  return (
    <li className="found" data-testid={`found-${found.place}`}>
      <FoundSketch found={found} />
      <dl className="pairs">
        <dt>{t.maker}</dt>
        <dd>
          {found.maker ?? '—'} · {found.model ?? <span className="quiet">{asked ? t.modelUnknown : t.notAsked}</span>}
        </dd>
        <dt>{t.address}</dt>
        <dd>
          <code>{found.place}</code> · {row.agent} · {t.confidence[found.confidence]}
        </dd>
        {asked && (
          <>
            <dt>{t.size}</dt>
            <dd>{size}</dd>
            <dt>{t.firmware}</dt>
            <dd>{found.firmware ?? t.sizeUnknown}</dd>
            <dt>{t.shows}</dt>
            <dd>{found.shows ?? '—'}</dd>
          </>
        )}
        <dt>{t.lastSeen}</dt>
        <dd>{ageText(wall - row.lastSeenAt, words.age)}</dd>
        {device !== undefined && (
          <>
            <dt>{t.knownDevices}</dt>
            <dd>
              <Link href={`/devices/${device}`}>{t.knownAs(device)}</Link>
            </dd>
          </>
        )}
      </dl>
      {found.evidence.length > 0 && (
        <details>
          <summary>{t.evidence}</summary>
          <ul>
            {found.evidence.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </details>
      )}
      {mayEdit && (
        <div className="row-actions">
          {foundActions.map(({ key, Action }) => (
            <Action key={key} row={row} onAdopt={onAdopt} />
          ))}
        </div>
      )}
    </li>
  );
}

/** Found devices as cards, those first that nobody has taken yet. */
export function FoundList({ rows, onAdopt }: { rows: readonly FoundView[]; onAdopt: (row: FoundView) => void }) {
  return (
    <ul className="found-list">
      {rows.map((row) => (
        <FoundCard key={row.id} row={row} onAdopt={onAdopt} />
      ))}
    </ul>
  );
}
