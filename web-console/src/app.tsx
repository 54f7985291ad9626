import type { Me } from '@hall/contracts';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { App as AntApp, ConfigProvider, Spin } from 'antd';
import type { Locale } from 'antd/es/locale/index.js';
import enUS from 'antd/locale/en_US.js';
import zhCN from 'antd/locale/zh_CN.js';
import { useCallback, useEffect, useState } from 'react';
import { ApiError, onSignedOut, setCsrf } from './api/client.ts';
import { peopleApi } from './api/hall-api.ts';
import { useLanguage, useWords } from './i18n/language.tsx';
import { Shell } from './shell/shell.tsx';
import { Failure } from './shell/failure.tsx';
import { BootstrapPage } from './sign-in/bootstrap-page.tsx';
import { PasswordPage } from './sign-in/password-page.tsx';
import { SignInPage } from './sign-in/sign-in-page.tsx';
import { theme } from './theme.ts';

/** A locale file of antd, whether the bundler or the type checker reads it as CommonJS. */
const localeOf = (module: Locale | { default: Locale }): Locale => ('default' in module ? module.default : module);

/** Theme and words for antd, then whoever is in front of the screen. */
export function App() {
  const { language } = useLanguage();
  return (
    <ConfigProvider theme={theme} locale={localeOf(language === 'zh' ? zhCN : enUS)} button={{ autoInsertSpace: false }}>
      <AntApp message={{ maxCount: 2 }}>
        <Gate />
      </AntApp>
    </ConfigProvider>
  );
}

/** Who is signed in; `null` is nobody. */
async function readMe(): Promise<Me | null> {
  try {
    const me = await peopleApi.me();
    setCsrf(me.csrf);
    return me;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return null;
    throw error;
  }
}

/** Lets nobody in who is not signed in: first administrator, sign-in, forced new password, then the rooms. */
function Gate() {
  const words = useWords();
  const client = useQueryClient();
  const [ended, setEnded] = useState(false);
  const me = useQuery({ queryKey: ['me'], queryFn: readMe, staleTime: Number.POSITIVE_INFINITY });
  const nobody = me.data === null;
  const bootstrap = useQuery({ queryKey: ['bootstrap'], queryFn: peopleApi.bootstrapState, enabled: nobody });

  const enter = useCallback(
    (person: Me) => {
      setCsrf(person.csrf);
      setEnded(false);
      client.setQueryData<Me | null>(['me'], person);
    },
    [client],
  );
  const leave = useCallback(
    (unasked: boolean) => {
      setCsrf('');
      setEnded(unasked);
      client.removeQueries({ predicate: (query) => query.queryKey[0] !== 'me' });
      client.setQueryData<Me | null>(['me'], null);
    },
    [client],
  );
  useEffect(() => {
    onSignedOut(() => {
      if (client.getQueryData<Me | null>(['me'])) leave(true);
    });
  }, [client, leave]);

  if (me.error && me.data === undefined) return <Failure error={me.error} onRetry={() => void me.refetch()} page />;
  if (me.data === undefined || (nobody && bootstrap.isPending)) {
    return (
      <div className="centre" role="status" aria-label={words.common.loading}>
        <Spin />
      </div>
    );
  }
  if (me.data === null) {
    return bootstrap.data?.open ? <BootstrapPage onEntered={enter} /> : <SignInPage onEntered={enter} ended={ended} />;
  }
  if (me.data.mustChangePassword) {
    return <PasswordPage onChanged={() => void me.refetch()} onSignOut={() => leave(false)} />;
  }
  return <Shell me={me.data} onLeft={leave} />;
}
