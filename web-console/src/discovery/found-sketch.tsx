import type { FoundDevice } from '@hall/contracts';
import { useWords } from '../i18n/language.tsx';

const WIDTH = 160;
const HEIGHT = 44;

/** A strip in the proportions it says, dashed where it does not say them, with what it shows now. */
export function FoundSketch({ found }: { found: FoundDevice }) {
  const words = useWords();
  const { widthPx, heightPx, shows, model, maker } = found;
  const known = widthPx !== undefined && heightPx !== undefined;
  const ratio = known ? Math.min(WIDTH / widthPx, HEIGHT / heightPx) : 1;
  const [width, height] = known ? [widthPx * ratio, heightPx * ratio] : [WIDTH, WIDTH / 6];
  const text = shows ?? model ?? maker ?? found.driver;
  return (
    <svg className="sketch" width={WIDTH} height={HEIGHT} role="img" aria-label={words.discovery.picture(text)}>
      <rect
        x={(WIDTH - width) / 2 + 1}
        y={(HEIGHT - height) / 2 + 1}
        width={width - 2}
        height={height - 2}
        rx={3}
        className={known ? 'sketch-known' : 'sketch-assumed'}
      />
      <text x={WIDTH / 2} y={HEIGHT / 2} dominantBaseline="central" textAnchor="middle">
        {text.length > 22 ? `${text.slice(0, 21)}…` : text}
      </text>
    </svg>
  );
}
