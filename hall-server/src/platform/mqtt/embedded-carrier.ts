/** The broker of this process: what the server says goes straight to it, without a connection between. */
import type { Broker } from './broker.ts';
import type { Carrier, CarrierEars } from './link.ts';

export const embeddedCarrier =
  (broker: Pick<Broker, 'listen' | 'publish'>) =>
  async ({ filters, heard, first }: CarrierEars): Promise<Carrier> => {
    let connected = true;
    for (const filter of filters) broker.listen(filter, heard);
    const { topic, text, options } = first();
    await broker.publish(topic, text, options);
    return {
      get connected() {
        return connected;
      },
      publish: broker.publish,
      close: async () => {
        connected = false;
      },
    };
  };
