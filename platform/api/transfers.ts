import type { FastifyRequest } from '@hokku/kit/http'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { pathParam } from '@hokku/kit/request-params'
import { problem, type App, type Transfer, type TransferLog } from '../store/index.ts'
import { appOf } from './access.ts'
import type { Routes } from './api.ts'
import { baseUrl } from './urls.ts'

/** Backups, restores and copies of an app's databases, as `pg:backups:*` use them. */
export const transferRoutes: Routes = (api, { store, addons }) => {
  const { postgres } = addons
  const transfers = '/client/v11/apps/:app/transfers'
  const transferOf = (request: FastifyRequest): { app: App; transfer: Transfer } => {
    const app = appOf(request, store)
    const key = pathParam(request, 'transfer')
    return { app, transfer: postgres.transfers.get(app, key) }
  }

  api.get(transfers, (request) =>
    postgres.transfers.list(appOf(request, store)).map((transfer) => transferShape(transfer)),
  )
  // Always with the log: the CLI reads it after a failure whether or not it asked for it before.
  api.get(`${transfers}/:transfer`, (request) => {
    const { transfer } = transferOf(request)
    return transferShape(transfer, postgres.transfers.logs(transfer))
  })
  api.delete(`${transfers}/:transfer`, async (request) => {
    const { transfer } = transferOf(request)
    await postgres.transfers.remove(transfer)
    return transferShape(transfer)
  })
  api.post(`${transfers}/:transfer/actions/cancel`, async (request) => {
    const { app, transfer } = transferOf(request)
    await postgres.transfers.cancel(transfer)
    return transferShape(postgres.transfers.get(app, transfer.id))
  })
  api.post(`${transfers}/:transfer/actions/public-url`, (request) => {
    const { transfer } = transferOf(request)
    if (!transfer.succeeded || transfer.kind !== 'backup') {
      throw problem('invalid_params', `Transfer ${transfer.num} has no file to download.`)
    }
    // The CLI downloads with Node's https client; the one port speaks both.
    const base = baseUrl(request).replace(/^http:/, 'https:')
    return { url: `${base}/backup-downloads/${postgres.transfers.downloadToken(transfer)}` }
  })

  api.get('/backup-downloads/:token', { config: { public: true } }, async (request, reply) => {
    const token = pathParam(request, 'token')
    const { transfer, file } = postgres.transfers.download(token)
    const { size } = await stat(file)
    return reply
      .type('application/octet-stream')
      .header('content-length', size)
      .header('content-disposition', `attachment; filename="b${numberOf(transfer)}.dump"`)
      .send(createReadStream(file))
  })
}

/** A transfer as the data API shows it. */
export function transferShape(transfer: Transfer, logs: readonly TransferLog[] = []) {
  const isBackup = transfer.kind === 'backup'
  return {
    uuid: transfer.id,
    num: transfer.num,
    from_type: transfer.kind === 'restore' ? 'gof3r' : 'pg_dump',
    from_name: transfer.fromName,
    from_url: null,
    to_type: isBackup ? 'gof3r' : 'pg_restore',
    to_name: transfer.toName,
    to_url: isBackup ? `hokku-backup:${transfer.id}` : null,
    created_at: transfer.createdAt,
    started_at: transfer.startedAt,
    finished_at: transfer.finishedAt,
    canceled_at: transfer.canceledAt,
    updated_at: transfer.updatedAt,
    succeeded: transfer.succeeded,
    warnings: transfer.warnings,
    processed_bytes: transfer.processedBytes,
    source_bytes: transfer.sourceBytes,
    sha256: transfer.sha256,
    schedule: transfer.scheduleId === null ? null : { uuid: transfer.scheduleId },
    options: {},
    logs: logs.map(({ createdAt, message }) => ({ created_at: createdAt, message })),
  }
}

const numberOf = ({ num }: Transfer): string => String(num).padStart(3, '0')
