/** What a value on the command line may be. */
export type ValueKind = Readonly<
  | { type: 'string'; suggestions?: readonly string[] }
  | { type: 'integer' | 'number'; min: number; max: number }
  | { type: 'choice'; choices: readonly string[] }
  /** Path of a file that exists, from the working directory. */
  | { type: 'file' }
>

/** One option. The sentence that explains it ends with a period. */
export type Option = Readonly<{
  description: string
  /** Short form without the dash: one letter, or several (`ei` is `-ei`, as PredictionIO has it). */
  short?: string
  /** What stands between `<` and `>` in the help; the option's name if left out. */
  placeholder?: string
  /** Says what holds if it is not given, where no `default` can. */
  defaultText?: string
  /** Heading in the help, for options that many commands share. */
  group?: string
  /** Accepted, but neither in the help nor completed. */
  isHidden?: true
}> &
  (Readonly<{ type: 'boolean' }> | (ValueKind & ValuedOption))

type ValuedOption = Readonly<{
  default?: string | number
  isRequired?: true
  /** May be given several times; the command gets a list. */
  isRepeated?: true
  /** Takes all words up to the next option; the command gets a list. */
  takesMany?: true
}>

export type Argument = ValueKind &
  Readonly<{
    description: string
    placeholder?: string
    isOptional?: true
    /** Says what an optional argument stands for if it is not given. */
    defaultText?: string
    /** Takes all words that are left; only the last argument may. */
    isRepeated?: true
  }>

/** Options by name, without the dashes. */
export type OptionTable = Readonly<Record<string, Option>>

/** Arguments by name, in their order. */
export type ArgumentTable = Readonly<Record<string, Argument>>

/** What help, completion and parsing need to know of a command. */
export type Declaration = Readonly<{
  /** One sentence: what the command does. */
  summary: string
  /** More sentences for the command's own help. */
  details?: string
  /** What follows the command's name, where the declared order would not tell it. */
  usage?: string
  /** Complete lines that a user can type. */
  examples?: readonly string[]
  options: OptionTable
  arguments: ArgumentTable
  /**
   * Says for whom the words after `--` are; without it they are ordinary arguments. Empty: they are
   * accepted, and the help does not mention them.
   */
  afterDashes?: string
}>

/** A command, ready to run with the words that follow its name. */
export type Command<Context> = Declaration &
  Readonly<{
    /** @throws Problem `misuse` for words that do not fit the declaration */
    execute: (words: readonly string[], context: Context) => Promise<number>
  }>

/** One call of a command, with values of the declared types. */
export type Call<Options, Arguments> = Readonly<{
  options: { readonly [Name in keyof Options]: OptionValue<Options[Name]> }
  arguments: { readonly [Name in keyof Arguments]: ArgumentValue<Arguments[Name]> }
  /** What follows `--`, if the command declares that. */
  afterDashes: readonly string[]
  /** All words after the command's name, as they were typed. */
  words: readonly string[]
}>

type Single<Kind> = Kind extends { type: 'integer' | 'number' }
  ? number
  : Kind extends { choices: readonly (infer Choice)[] }
    ? Choice
    : string

type OptionValue<Kind> = Kind extends { type: 'boolean' }
  ? boolean
  : Kind extends { isRepeated: true } | { takesMany: true }
    ? readonly Single<Kind>[]
    : Kind extends { isRequired: true } | { default: string | number }
      ? Single<Kind>
      : Single<Kind> | undefined

type ArgumentValue<Kind> = Kind extends { isRepeated: true }
  ? readonly Single<Kind>[]
  : Kind extends { isOptional: true }
    ? Single<Kind> | undefined
    : Single<Kind>
