import { useQuery } from '@tanstack/react-query';
import { Button, Drawer } from 'antd';
import { useState } from 'react';
import { useWords } from '../../i18n/language.tsx';
import { useHallApi } from '../../live/hall-data.ts';
import { useCommands } from '../../live/use-commands.ts';
import { AskedButton, CommandList, useGive } from './command-panel.tsx';

/** The lines of the newest log that was fetched. */
function NewestLog({ agent }: { agent: string }) {
  const t = useWords().commands;
  const api = useHallApi();
  const { data = [] } = useCommands({ agent });
  const newest = data.find(({ act, end }) => act === 'logs_fetch' && end?.outcome === 'applied');
  const command = useQuery({
    queryKey: ['log', newest?.id],
    queryFn: () => api.command(newest?.id ?? ''),
    enabled: newest !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const lines = command.data?.command.end?.evidence?.['lines'];
  if (!Array.isArray(lines)) return null;
  return (
    <section>
      <h3>{t.logs}</h3>
      <pre className="log-lines" tabIndex={0} aria-label={t.logs}>
        {lines.length > 0 ? lines.join('\n') : t.noLogs}
      </pre>
    </section>
  );
}

/** Commands to the agent itself: restart, and its newest log lines. */
export function AgentCommands({ agent }: { agent: string }) {
  const words = useWords();
  const t = words.commands;
  const give = useGive();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button type="link" className="cell-link" aria-label={`${t.title} ${agent}`} onClick={() => setOpen(true)}>
        {t.title}
      </Button>
      <Drawer
        open={open}
        onClose={() => setOpen(false)}
        size={640}
        title={`${words.devices.agent} ${agent}`}
        closable={{ 'aria-label': words.common.close }}
        destroyOnHidden
      >
        <div className="drawer-body">
          <div className="command-buttons">
            <AskedButton label={t.act.restart} ask={t.ask.restart} onGo={() => give.mutate({ act: 'restart', agent })} />
            <Button onClick={() => give.mutate({ act: 'logs_fetch', agent })}>{t.act.logs_fetch}</Button>
          </div>
          <CommandList to={{ agent }} />
          <NewestLog agent={agent} />
        </div>
      </Drawer>
    </>
  );
}
