import '@fontsource-variable/noto-sans-sc';
import './style.css';
import { mountCounter } from './counter.ts';
import { byId } from './element.ts';
import { mountStage } from './stage.ts';
import { follow, openStore, redraw } from './store.ts';
import { mountStrips } from './strips.ts';
import { mountTally } from './tally.ts';
import { fillWords, switchLanguage } from './text.ts';
import { mountTold } from './told.ts';
import { mountTour } from './tour.ts';

const store = await openStore();
const tour = mountTour(store);
mountCounter(store, tour.acted);
mountStrips(store);
mountStage(store);
mountTold(store);
mountTally(store);
fillWords();
byId('language').addEventListener('click', () => {
  switchLanguage();
  redraw(store);
});
follow(store);
