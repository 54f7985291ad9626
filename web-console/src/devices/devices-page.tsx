import { useWords } from '../i18n/language.tsx';
import { DeviceTable } from './device-table.tsx';

/** Devices as they should be and as they report to be. */
export default function DevicesPage() {
  const words = useWords();
  return (
    <>
      <h1>{words.devices.title}</h1>
      <DeviceTable />
    </>
  );
}
