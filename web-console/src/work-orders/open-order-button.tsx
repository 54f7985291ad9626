import { Button } from 'antd';
import { useState } from 'react';
import { useWords } from '../i18n/language.tsx';
import { useMay } from '../shell/me.ts';
import { NewOrder, type OrderStart } from './order-dialog.tsx';

/** Makes a device or an alarm a work order; nothing for those who may not. */
export function OpenOrderButton(start: OrderStart) {
  const words = useWords();
  const mayAct = useMay('work_order.act');
  const [open, setOpen] = useState(false);
  if (!mayAct) return null;
  return (
    <div>
      <Button onClick={() => setOpen(true)}>{words.workOrders.openFor}</Button>
      {open && <NewOrder start={start} onClose={() => setOpen(false)} />}
    </div>
  );
}
