/** The hall of the whole-system tests is the one of the proofs. */
export { BUSY_MOMENT, HALL, PLATFORM, SOURCE, startHall, type HallOptions, type RunningHall } from '@hall/proof';
