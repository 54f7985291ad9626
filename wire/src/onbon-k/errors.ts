/** What a card's error numbers mean. Vendor SDK documentation, error table; 100 and above exist only inside the SDK. */
export const cardErrors = {
  none: { number: 0, zh: '成功', en: 'no error' },
  group: { number: 1, zh: '命令组错误', en: 'unknown command group' },
  command: { number: 2, zh: '命令不存在', en: 'unknown command' },
  busy: { number: 3, zh: '控制器忙', en: 'the card is busy' },
  memory: { number: 4, zh: '存储容量不足', en: 'out of memory' },
  checksum: { number: 5, zh: '校验错误', en: 'wrong checksum' },
  no_file: { number: 6, zh: '文件不存在', en: 'no such file' },
  flash: { number: 7, zh: 'Flash 访问错误', en: 'flash failure' },
  download: { number: 8, zh: '下载错误', en: 'download failed' },
  file_name: { number: 9, zh: '文件名错误', en: 'wrong file name' },
  file_type: { number: 10, zh: '文件类型错误', en: 'wrong file type' },
  file_checksum: { number: 11, zh: '文件校验错误', en: 'wrong file checksum' },
  no_font: { number: 12, zh: '字库不存在', en: 'no such font' },
  firmware: { number: 13, zh: '固件类型不符', en: 'wrong firmware type' },
  date: { number: 14, zh: '日期格式错误', en: 'wrong date' },
  file_exists: { number: 15, zh: '文件已存在', en: 'the file exists' },
  block_number: { number: 16, zh: '文件块号错误', en: 'wrong block number' },
} as const;
export type CardError = keyof typeof cardErrors;

const words = new Map<number, CardError>((Object.keys(cardErrors) as CardError[]).map((word) => [cardErrors[word].number, word]));

/** The word of a card's error number; undefined for a number no document names. */
export const cardErrorOf = (number: number): CardError | undefined => words.get(number);
