export type { BoardCall, BoardHours, BoardQueue, BoardRow, BoardView } from './board-view.ts';
export { boardView, drawScene } from './draw.ts';
export { drawPicture } from './picture.ts';
export { templateOf, templates } from './registry.ts';
export { inks, type Ink, type Scene, type SceneItem } from './scene.ts';
export { sceneHash, sceneText } from './scene-hash.ts';
export type { BoardTemplate, Size, StripTemplate, Template, TemplateData, TemplateInput } from './template.ts';
export { cutToWidth, lineWidthPx, type FontPx } from './text-fit.ts';
export { neutralText, pauseWords, stateShapes, stateWords, type Bilingual, type Language } from './words.ts';
