export type App = Readonly<{ id: number; name: string; description: string | undefined }>

/** `events` empty: every event is allowed. */
export type AccessKey = Readonly<{ key: string; appId: number; events: readonly string[] }>

export type Channel = Readonly<{ id: number; appId: number; name: string }>

/** COMPLETED is the only status that can be deployed; FAILED instances say why in `failure`. */
export type InstanceStatus = 'INIT' | 'COMPLETED' | 'FAILED'

/** One training: what was trained, with which parameters, and how it ended. */
export type EngineInstance = Readonly<{
  id: string
  status: InstanceStatus
  startTime: Date
  endTime: Date
  engineId: string
  engineVersion: string
  engineVariant: string
  engineFactory: string
  batch: string
  details: InstanceDetails
}>

/** Parameters are JSON texts, as upstream keeps them: `{"<name>":{…}}`, algorithms in a list. */
export type InstanceDetails = Readonly<{
  env: Readonly<Record<string, string>>
  sparkConf: Readonly<Record<string, string>>
  dataSourceParams: string
  preparatorParams: string
  algorithmsParams: string
  servingParams: string
  failure?: string
}>

/** Which trainings belong together: those of one engine directory and variant. */
export type EngineKey = Pick<EngineInstance, 'engineId' | 'engineVersion' | 'engineVariant'>

export type EvaluationInstance = Readonly<{
  id: string
  status: '' | 'EVALCOMPLETED'
  startTime: Date
  endTime: Date
  evaluationClass: string
  engineParamsGeneratorClass: string
  batch: string
  env: Readonly<Record<string, string>>
  evaluatorResults: string
  evaluatorResultsHtml: string
  evaluatorResultsJson: string
}>

export type MetadataStore = Readonly<{
  /**
   * Makes an app with its first access key, both or none.
   *
   * @param app.id undefined: the next free one
   * @throws Problem `app_exists`, `access_key_exists`
   */
  createApp: (app: NewApp, key: string) => Promise<App>
  /** Sorted by name. */
  listApps: () => Promise<App[]>
  appNamed: (name: string) => Promise<App | undefined>
  appById: (id: number) => Promise<App | undefined>
  /** Removes the app with its keys and channels. */
  deleteApp: (id: number) => Promise<void>

  /** @throws Problem `access_key_exists` */
  createAccessKey: (key: AccessKey) => Promise<void>
  accessKey: (key: string) => Promise<AccessKey | undefined>
  /** Of one app, or of all; by app id. */
  listAccessKeys: (appId?: number) => Promise<AccessKey[]>
  deleteAccessKey: (key: string) => Promise<void>

  /** @throws Problem `channel_invalid` if the app has one of that name */
  createChannel: (appId: number, name: string) => Promise<Channel>
  listChannels: (appId: number) => Promise<Channel[]>
  deleteChannel: (id: number) => Promise<void>

  saveEngineInstance: (instance: EngineInstance) => Promise<void>
  engineInstance: (id: string) => Promise<EngineInstance | undefined>
  /** The training of an engine that began last, among those with this status. */
  newest: (key: EngineKey, status: InstanceStatus) => Promise<EngineInstance | undefined>

  saveEvaluation: (instance: EvaluationInstance) => Promise<void>
  evaluation: (id: string) => Promise<EvaluationInstance | undefined>
  /** Newest first. */
  completedEvaluations: () => Promise<EvaluationInstance[]>
  close: () => Promise<void>
}>

export type NewApp = Readonly<{
  id: number | undefined
  name: string
  description: string | undefined
}>
