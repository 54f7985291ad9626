import type { Picture, WindowView } from '@hall/contracts';
import type { Size } from '@hall/templates';
import { useEffect } from 'react';
import { create } from 'zustand';

type Strip = WindowView['strips'][number];
/** Draws what a strip was told; nothing when only its words are known. */
export type Draw = (window: WindowView, strip: Strip, zone: string, size: Size) => Picture | undefined;

const useStore = create<{ draw: Draw | undefined }>(() => ({ draw: undefined }));
let fetching = false;

/** The drawing of strips; it carries the glyphs and is fetched after the page. */
export function useDrawing(): Draw | undefined {
  const draw = useStore((held) => held.draw);
  useEffect(() => {
    if (fetching) return;
    fetching = true;
    import('./draw-strip.ts').then(
      ({ drawStrip }) => useStore.setState({ draw: drawStrip }),
      () => {
        fetching = false;
      },
    );
  }, []);
  return draw;
}
