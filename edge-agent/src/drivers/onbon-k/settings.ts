import { HallError, type Clock } from '@hall/contracts';
import { onbonK } from '@hall/wire';
import { Type, type Static } from 'typebox';
import { serial } from '../../transports/serial.ts';
import { tcp } from '../../transports/tcp.ts';
import type { Transport } from '../../transports/transport.ts';

/** Half-duplex lines need a moment to turn round; code in the field waits 100 ms between commands, which is the safe end. */
const GAP_MS = 20;

export const OnbonKSettings = Type.Object(
  {
    transport: Type.Union([Type.Literal('tcp', { title: '网络 TCP' }), Type.Literal('serial', { title: '串口 Serial' })], {
      title: '连接方式',
      description: '网络：填写地址和端口；串口：填写设备路径和波特率。 TCP needs host and port, serial needs path and baud rate.',
    }),
    host: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 253,
        title: '控制卡地址（仅网络）',
        description: '控制卡的 IP 地址或主机名。 Address of the card; for TCP only.',
      }),
    ),
    port: Type.Integer({
      minimum: 1,
      maximum: 65_535,
      default: 5005,
      title: '端口（仅网络）',
      description: '控制卡的 TCP 端口。 TCP port of the card; for TCP only.',
    }),
    path: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 255,
        title: '串口设备路径（仅串口）',
        description: '例如 /dev/serial/by-id/…。 Serial port on the agent’s machine; for serial only.',
      }),
    ),
    baud: Type.Union([Type.Literal(57_600, { title: '57600' }), Type.Literal(9600, { title: '9600' })], {
      default: 57_600,
      title: '波特率（仅串口）',
      description: '与控制卡设置一致，8N1。 As set in the card, 8N1; for serial only.',
    }),
    screenNumber: Type.Integer({
      minimum: 1,
      maximum: 0x7fff,
      default: 1,
      title: '屏号',
      description: '控制卡中设置的屏号。 Screen number set in the card.',
    }),
    model: Type.Optional(
      Type.Union(
        onbonK.modelsNamed.map((name) => Type.Literal(name, { title: name })),
        {
          title: '核对型号',
          description:
            '填写后，应答为其他型号的卡不会被写入；不报告型号的卡不受影响。 Where a card says another model nothing is written to it; a card that says none is not affected.',
        },
      ),
    ),
    charset: Type.Union([Type.Literal('gb2312', { title: 'GB2312' }), Type.Literal('gbk', { title: 'GBK' })], {
      default: 'gb2312',
      title: '字库',
      description: '只有卡内装有 GBK 字库时才选 GBK。 GBK only where that font has been loaded into the card.',
    }),
    unit: Type.Union(
      [
        Type.Literal('px_bit15', { title: '像素，带标记（协议文档）' }),
        Type.Literal('units8', { title: '8 像素为单位（5K 出厂）' }),
        Type.Literal('px', { title: '像素，不带标记（6K 出厂）' }),
      ],
      {
        default: 'px_bit15',
        title: '横向单位',
        description:
          '文字横向错位或宽度不对时换一种。 How the card reads X and width; try another if text stands in the wrong place.',
      },
    ),
    font16: Type.Integer({
      minimum: 0,
      maximum: 999,
      default: 1,
      title: '16 点阵字体编号',
      description: '卡内 16 点阵字体的编号。 Number of the 16-px font in the card.',
    }),
    font32: Type.Integer({
      minimum: 0,
      maximum: 999,
      default: 3,
      title: '32 点阵字体编号',
      description: '卡内 32 点阵字体的编号。 Number of the 32-px font in the card.',
    }),
    brightness: Type.Integer({
      minimum: 0,
      maximum: 15,
      default: 15,
      title: '亮度',
      description: '0 至 15，15 最亮。 Level of the card, 15 brightest.',
    }),
    areaTimeoutS: Type.Integer({
      minimum: 5,
      maximum: 3600,
      default: 30,
      title: '断线后隐藏（秒）',
      description:
        '控制卡这么久收不到消息，就自动隐藏动态文字并播放存储的节目；叫号内容过期更早时以过期为准。 A card that hears nothing for this long hides the text by itself; live text sooner if its age ends sooner.',
    }),
    refreshS: Type.Integer({
      minimum: 2,
      maximum: 1200,
      default: 10,
      title: '重发间隔（秒）',
      description: '最多为断线后隐藏时间的一半。 The picture is sent again this often; at most half of the time above.',
    }),
    answerTimeoutMs: Type.Integer({
      minimum: 100,
      maximum: 10_000,
      default: 1500,
      title: '应答超时（毫秒）',
      description: '等待控制卡应答的最长时间。 Longest wait for an answer.',
    }),
  },
  { additionalProperties: false },
);
export type OnbonKSettings = Static<typeof OnbonKSettings>;

/** @throws HallError DEVICE_SETTINGS_INVALID when settings contradict each other. */
export function transportFor(
  { transport, host, port, path, baud, areaTimeoutS, refreshS }: OnbonKSettings,
  clock: Clock,
): Transport {
  const wrong = (field: string, reason: string) => new HallError('DEVICE_SETTINGS_INVALID', { field, reason });
  if (refreshS * 2 > areaTimeoutS) throw wrong('refreshS', 'must be at most half of areaTimeoutS');
  if (transport === 'tcp') {
    if (host === undefined) throw wrong('host', 'is needed for tcp');
    return tcp(host, port, clock);
  }
  if (path === undefined) throw wrong('path', 'is needed for serial');
  return serial({ path, baud, gapMs: GAP_MS }, clock);
}
