import { encode } from 'uqr';

/** Light modules around the code; scanners need four (ISO/IEC 18004). */
const QUIET_MODULES = 4;

/** Dark modules by row; medium error correction, so that a scratched label still reads. */
export const qrModules = (text: string): readonly (readonly boolean[])[] =>
  encode(text, { ecc: 'M', border: QUIET_MODULES }).data;

/** A text as a QR code. */
export function Qr({ text, label }: { text: string; label: string }) {
  const modules = qrModules(text);
  const size = modules.length;
  const path = modules.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : []))).join('');
  return (
    <svg className="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shapeRendering="crispEdges">
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
