import { CloudEventAttributes, Envelope, eventSchemas, topics, type TopicName } from '@hall/contracts';

type Json = Record<string, unknown>;
type Topic = (typeof topics)[TopicName];

const plain = (schema: unknown): Json => JSON.parse(JSON.stringify(schema)) as Json;

const parameterTexts: Readonly<Record<string, string>> = {
  hall: 'Id of the hall.',
  agent: 'Id of the edge agent; an agent may use only its own.',
  device: 'Id of a device of this agent.',
  platform: 'Id of the city platform, as registered at the hall server.',
};

const namesIn = (address: string): string[] => [...address.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);

/** One event of the city platform: CloudEvents attributes, and data by type. Fields not named are dropped at intake. */
function platformEventSchemas(): Json {
  const events = Object.entries(eventSchemas).map(([type, data]): [string, Json] => {
    const attributes = plain(CloudEventAttributes) as { properties: Json; required: string[] };
    const properties = { ...attributes.properties, type: { const: type }, data: plain(data) };
    return [type, { ...attributes, properties, required: [...attributes.required, 'data'] }];
  });
  return {
    ...Object.fromEntries(events),
    PlatformEvent: { oneOf: events.map(([type]) => ({ $ref: `#/components/schemas/${type}` })) },
  };
}

const platformEvent = { $ref: '#/components/schemas/PlatformEvent' };

/** Our own payloads travel in a CloudEvents envelope; what the platform sends is a CloudEvent by itself. */
function payloadOf(name: TopicName, topic: Topic): Json {
  if (topic.direction === 'in') return { oneOf: [platformEvent, { type: 'array', minItems: 1, items: platformEvent }] };
  const envelope = plain(Envelope) as { properties: Json };
  return { ...envelope, properties: { ...envelope.properties, type: { const: `hall.1.${name}` }, data: plain(topic.payload) } };
}

/** The AsyncAPI 3.0 document of all MQTT topics, seen from the hall server. */
export function asyncApiDocument(): Json {
  const rows = Object.entries(topics) as [TopicName, Topic][];
  const channels = rows.map(([name, topic]) => [
    name,
    {
      address: topic.address,
      description: topic.summary,
      parameters: Object.fromEntries(namesIn(topic.address).map((key) => [key, { description: parameterTexts[key] ?? key }])),
      messages: { [name]: { $ref: `#/components/messages/${name}` } },
    },
  ]);
  const operations = rows.map(([name, { direction, summary, qos, retain }]) => [
    name,
    {
      action: direction === 'up' || direction === 'in' ? 'receive' : 'send',
      summary,
      channel: { $ref: `#/channels/${name}` },
      messages: [{ $ref: `#/channels/${name}/messages/${name}` }],
      bindings: { mqtt: { qos, retain, bindingVersion: '0.2.0' } },
    },
  ]);
  const messages = rows.map(([name, topic]) => [
    name,
    { name, summary: topic.summary, contentType: 'application/cloudevents+json', payload: payloadOf(name, topic) },
  ]);
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Hall Control messages',
      version: '1',
      description:
        'MQTT 3.1.1 topics between the hall server, its edge agents and the city platform. The number in `hall/1/` is the version of the tree.',
    },
    defaultContentType: 'application/cloudevents+json',
    servers: {
      hall: {
        host: 'localhost:1883',
        protocol: 'mqtt',
        protocolVersion: '3.1.1',
        description: 'The broker inside the hall server, or an external one by configuration.',
        security: [{ $ref: '#/components/securitySchemes/credential' }],
      },
    },
    channels: Object.fromEntries(channels) as Json,
    operations: Object.fromEntries(operations) as Json,
    components: {
      securitySchemes: { credential: { type: 'userPassword', description: 'User name is the agent or platform id.' } },
      schemas: platformEventSchemas(),
      messages: Object.fromEntries(messages) as Json,
    },
  };
}
