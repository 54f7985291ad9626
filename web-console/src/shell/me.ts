import { allows, type Me, type Permission } from '@hall/contracts';
import { createContext, useContext } from 'react';

export const MeContext = createContext<Me | undefined>(undefined);

/** Whether the signed-in person may; the server asks the same table again. */
export function useMay(permission: Permission): boolean {
  const me = useContext(MeContext);
  return me !== undefined && allows(me.roles, permission);
}

/** The signed-in person; only inside the shell. */
export function useMe(): Me {
  const me = useContext(MeContext);
  if (!me) throw new Error('useMe outside the shell');
  return me;
}
