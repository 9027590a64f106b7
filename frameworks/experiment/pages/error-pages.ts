/**
 * Failures that participants are shown, with the number that the page prints. Numbers and keys are
 * psiTurk's, so that `error.html` of existing studies and their test suites fit.
 */
export const PARTICIPANT_ERRORS = {
  status_incorrectly_set: [
    1000,
    'The record of your participation is in a state that this page cannot continue from.',
  ],
  hit_assign_worker_id_not_set_in_mturk: [
    1001,
    'The address of this page lacks the HIT id or the assignment id.',
  ],
  hit_assign_worker_id_not_set_in_consent: [
    1002,
    'The address of the consent page lacks the HIT id, the assignment id or the worker id.',
  ],
  hit_assign_worker_id_not_set_in_exp: [
    1003,
    'The address of the experiment lacks the HIT id, the assignment id, the worker id or the mode.',
  ],
  hit_assign_appears_in_database_more_than_once: [
    1004,
    'Your participation is on record more than once.',
  ],
  already_started_exp: [
    1008,
    'You started this experiment before and left it. It cannot be continued or repeated.',
  ],
  already_started_exp_mturk: [
    1009,
    'You started this experiment before and left it. It cannot be continued or repeated.',
  ],
  already_did_exp_hit: [1010, 'You have already taken part in this experiment.'],
  tried_to_quit: [1011, 'You left the experiment early, and that could not be recorded.'],
  intermediate_save: [1012, ''],
  improper_inputs: [1013, 'The address of this page lacks a valid id of your participation.'],
  browser_type_not_allowed: [
    1014,
    'This experiment does not run in your browser or on your kind of device.',
  ],
  api_server_not_reachable: [1015, 'The recruiting service could not be reached.'],
  ad_not_found: [1016, 'There is no ad at this address.'],
  error_setting_worker_complete: [
    1017,
    'You completed the experiment, but that could not be recorded.',
  ],
  hit_not_registered_with_ad_server: [1018, 'This HIT is not known here.'],
  template_unsafe: [1019, 'A page of this experiment was refused as unsafe.'],
  insert_mode_failed: [
    1020,
    'The links of this page could not be given the mode of the experiment.',
  ],
  page_not_found: [404, 'There is no such page.'],
  in_debug: [2005, 'This happened in debug mode.'],
  unknown_error: [9999, 'Something went wrong on the side of the experiment.'],
} as const satisfies Record<string, readonly [number, string]>

export type ParticipantErrorKey = keyof typeof PARTICIPANT_ERRORS

/** A failure that ends in an error page with a number. */
export class ParticipantError extends Error {
  override readonly name = 'ParticipantError'
  readonly key: ParticipantErrorKey

  constructor(key: ParticipantErrorKey, options?: ErrorOptions) {
    super(PARTICIPANT_ERRORS[key][1], options)
    this.key = key
  }
}

/** Variables of `error.html`: the query's own names, which never replace ours. */
export function errorVariables(
  key: ParticipantErrorKey,
  contact: string,
  query: Readonly<Record<string, string>>,
): Record<string, unknown> {
  const [errornum, errordesc] = PARTICIPANT_ERRORS[key]
  return { ...query, errornum, errordesc, contact_address: contact }
}
