import { Alert, Descriptions } from 'antd';
import { useWords } from '../i18n/language.tsx';
import { useOverview } from '../live/hall-data.ts';
import { timeText, zoneOf } from '../time/hall-clock.ts';
import { useSecurity } from './use-fleet.ts';
import { warningText } from './warning-text.ts';

/** The certificates of the hall itself, the code a new agent must show for them, and what is to be warned of. */
export function CertificatePanel() {
  const words = useWords();
  const t = words.fleet;
  const { data } = useSecurity();
  const zone = zoneOf(useOverview().data);
  if (!data) return null;
  const date = (ms: number) => timeText(ms, zone, 'full').slice(0, 16);
  return (
    <section aria-label={t.certificates} className="fleet-certificates">
      <h2>{t.certificates}</h2>
      {data.warnings.map((warning) => (
        <Alert
          key={`${warning.type}/${warning.object}`}
          type={warning.days === '0' || warning.type === 'agent_double' ? 'error' : 'warning'}
          showIcon
          className="fleet-warning"
          title={warningText(warning, words, zone)}
        />
      ))}
      <Descriptions
        size="small"
        column={{ xs: 1, sm: 1, md: 2 }}
        items={[
          { key: 'code', label: t.trustCode, children: <span className="code-text">{data.trust.code}</span> },
          { key: 'mqtts', label: t.mqtts, children: data.mqtts ? t.on : t.off },
          { key: 'server', label: t.serverUntil, children: date(data.server.until) },
          { key: 'ca', label: t.caUntil, children: date(data.ca.until) },
          { key: 'print', label: t.trustPrint, children: <span className="print-text">{data.trust.fingerprint}</span> },
        ]}
      />
    </section>
  );
}
