import { backendConformance, type Ground } from '../../places/backend-conformance.ts';
import { realClock } from '../testing/real-clock.ts';
import { createS3Backend } from './backend.ts';
import { fakeBucket, fakeKeys, refuse, startFakeS3 } from './testing/fake-s3.ts';
import { rverKeys, startS3rver } from './testing/s3rver.ts';

const tuning = { waits: [5, 20, 50] };

backendConformance('S3, a strict server', {
  async prepare(): Promise<Ground> {
    const fake = await startFakeS3();
    const options = { endpoint: fake.endpoint, bucket: fakeBucket, prefix: 'a/hypha', ...fakeKeys };
    const set = (key: string, bytes: Uint8Array): void =>
      void fake.objects.set(key, { bytes: Buffer.from(bytes), modified: Date.now() });
    return {
      open: () => createS3Backend(options, realClock, tuning),
      litter: async () => set('a/hypha/holiday.jpg', new Uint8Array(10)),
      scrawl: async (bytes) => set('a/hypha/hypha-place.json', bytes),
      async fill() {
        fake.fault = (asked, response) =>
          asked.method === 'PUT' &&
          Number(asked.headers['content-length']) >= 1024 * 1024 &&
          refuse(response, 403, 'QuotaExceeded');
      },
      async makeRoom() {
        fake.fault = null;
      },
      cut: () => fake.cut(),
      end: () => fake.close(),
    };
  },
});

backendConformance('S3, s3rver', {
  async prepare(): Promise<Ground> {
    const rver = await startS3rver(fakeBucket);
    const options = { endpoint: rver.endpoint, bucket: fakeBucket, prefix: 'a/hypha', ...rverKeys };
    return {
      open: () => createS3Backend(options, realClock, tuning),
      cut: () => rver.cut(),
      end: () => rver.close(),
    };
  },
});
