import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { BUCKET, useWorld } from './support'

/** That the server keeps conditions, which all other proofs stand on: by plain commands, without s3(). */
describe('the server', () => {
  const world = useWorld()

  const statusOf = (promise: Promise<unknown>) =>
    promise.then(
      () => 200,
      (error) => error.$metadata?.httpStatusCode as number,
    )

  it('lets one of 32 create an object at once', async () => {
    const client = world.client({ maxAttempts: 1 })
    for (let round = 0; round < 10; round++) {
      const Key = `create-${round}`
      const puts = Array.from({ length: 32 }, (_, racer) => {
        const input = { Bucket: BUCKET, Key, Body: `racer ${racer}`, IfNoneMatch: '*' }
        return statusOf(client.send(new PutObjectCommand(input)))
      })
      const statuses = (await Promise.all(puts)).sort()
      expect(statuses).toEqual([200, ...Array(31).fill(412)])
    }
  })

  it('lets one of 32 replace an object at once', async () => {
    const client = world.client({ maxAttempts: 1 })
    const Key = 'swap'
    let { ETag: IfMatch } = await client.send(
      new PutObjectCommand({ Bucket: BUCKET, Key, Body: 'first' }),
    )
    for (let round = 0; round < 10; round++) {
      let next: string | undefined
      const puts = Array.from({ length: 32 }, async (_, racer) => {
        const input = { Bucket: BUCKET, Key, Body: `${round}: racer ${racer}`, IfMatch }
        return statusOf(
          client.send(new PutObjectCommand(input)).then(({ ETag }) => {
            next = ETag
          }),
        )
      })
      const statuses = (await Promise.all(puts)).sort()
      expect(statuses).toEqual([200, ...Array(31).fill(412)])
      IfMatch = next
    }
  })

  it('lets one of 8 complete an upload in parts at once', async () => {
    const client = world.client({ maxAttempts: 1 })
    const at = { Bucket: BUCKET, Key: 'parts' }
    const uploads = Array.from({ length: 8 }, async () => {
      const { UploadId } = await client.send(new CreateMultipartUploadCommand(at))
      const part = { ...at, UploadId, PartNumber: 1 }
      const { ETag } = await client.send(new UploadPartCommand({ ...part, Body: `${UploadId}` }))
      return { UploadId, MultipartUpload: { Parts: [{ ETag, PartNumber: 1 }] } }
    })
    const ready = await Promise.all(uploads)
    const completed = ready.map((upload) =>
      statusOf(
        client.send(new CompleteMultipartUploadCommand({ ...at, ...upload, IfNoneMatch: '*' })),
      ),
    )
    expect((await Promise.all(completed)).sort()).toEqual([200, ...Array(7).fill(412)])
  })
})
