import * as z from 'zod'
import { defineDataSource, defineEngine, firstServing } from '../../dase/define-engine.ts'
import { engineOnly } from '../../dase/engine-module.ts'
import { AppParams } from '../app-of.ts'
import { readItemEvents } from '../catalog-items/item-events.ts'
import { ecomm, Query } from './ecommerce-algorithm.ts'

const engine = defineEngine({
  query: Query,
  dataSource: defineDataSource({
    params: z.object(AppParams),
    read: async (params, context) => await readItemEvents(params, ['view', 'buy'], context),
  }),
  algorithms: { ecomm },
  serving: firstServing,
})

/** PredictionIO's e-commerce template: `view` and `buy` events → items for a user. */
export const ecommerceTemplate = engineOnly('the e-commerce template', engine)
