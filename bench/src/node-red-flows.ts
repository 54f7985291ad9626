/** The same job as Node-RED flows: http in → mqtt out → mqtt in → tcp out. Pure. */

export interface NodeRedJob {
  readonly mqttPort: number;
  /** TCP port of each device, by number. */
  readonly devicePorts: readonly number[];
}

type FlowNode = Readonly<Record<string, unknown>>;

/** Answers 202 on receipt, as such flows do: nothing is stored. The device is told the ticket as a line. */
export function nodeRedFlows({ mqttPort, devicePorts }: NodeRedJob): readonly FlowNode[] {
  const z = 'job';
  const broker = 'broker';
  const topicOfCall = `msg.topic = 'strip/' + msg.req.headers['x-device'];
msg.payload = msg.payload.data.ticket + '\\n';
delete msg.req; delete msg.res;
return msg;`;
  return [
    { id: z, type: 'tab', label: 'calls' },
    {
      id: broker,
      type: 'mqtt-broker',
      broker: '127.0.0.1',
      port: mqttPort,
      clientid: 'node-red',
      autoConnect: true,
      usetls: false,
      protocolVersion: '4',
      keepalive: '60',
      cleansession: true,
    },
    { id: 'in', z, type: 'http in', url: '/event', method: 'post', wires: [['answer', 'topic']] },
    { id: 'answer', z, type: 'http response', statusCode: '202', headers: {}, wires: [] },
    { id: 'topic', z, type: 'function', func: topicOfCall, outputs: 1, wires: [['out']] },
    { id: 'out', z, type: 'mqtt out', topic: '', qos: '1', retain: 'false', broker, wires: [] },
    ...devicePorts.flatMap((port, at): FlowNode[] => [
      { id: `from${at}`, z, type: 'mqtt in', topic: `strip/${at}`, qos: '1', datatype: 'utf8', broker, wires: [[`to${at}`]] },
      { id: `to${at}`, z, type: 'tcp out', host: '127.0.0.1', port, beserver: 'client', base64: false, end: false, wires: [] },
    ]),
  ];
}
