export {
  defineStudy,
  type CustomContext,
  type CustomHandler,
  type CustomStudy,
  type StudyApi,
} from './custom/define-study.ts'
export type { CustomParticipant, Participants } from './custom/participants.ts'
