import { useWords } from '../i18n/language.tsx';
import { useMay } from '../shell/me.ts';
import { AgentTable } from './agent-table.tsx';
import { BundlePanel } from './bundle-panel.tsx';
import { CertificatePanel } from './certificate-panel.tsx';
import { PendingRequests } from './pending-requests.tsx';

/** The agents of the hall: who asks to be admitted, who is there, and by which key each is known. */
export default function FleetPage() {
  const words = useWords();
  const mayAdmit = useMay('agent.admit');
  return (
    <>
      <h1>{words.fleet.title}</h1>
      {mayAdmit && <PendingRequests />}
      <AgentTable />
      {mayAdmit && <BundlePanel />}
      <CertificatePanel />
    </>
  );
}
