"""The bot's work in a database of its own: questions, uploads, digests, notices and shares are jobs with leases.

The database is not the catalog's, so that a long ingest never delays a reply. `leases` has the rules by which no job
is lost or done twice; `runner` runs the jobs.
"""

from store.errors import LeaseLost
from store.jobs.access_keys import AccessKey, AccessKeyStore, Purpose
from store.jobs.briefs import BriefJob, BriefStore
from store.jobs.calendar_events import CalendarEventStore, Revision
from store.jobs.checks import DraftJob, DraftJobStore
from store.jobs.database import open_database, state_engine
from store.jobs.experts import ExpertAnswer, ExpertAnswerStore, ExpertQuestion, ExpertQuestionStore
from store.jobs.installations import Installation, InstallationStore
from store.jobs.languages import LanguageStore
from store.jobs.leases import Holder, Job, Lease, StoppableJobStore
from store.jobs.questions import (
    NO_EVIDENCE,
    AnsweredQuestion,
    AnswerRecord,
    AnswerVote,
    ConversationMessage,
    Delivery,
    QuestionJob,
    QuestionOutcome,
    QuestionStore,
    Share,
    ShareStore,
    SlackMessage,
    UnansweredQuestion,
    Vote,
)
from store.jobs.runner import RetryLater, Runner
from store.jobs.scheduled import (
    DailyDigest,
    DigestStore,
    KnownDates,
    Notice,
    NoticeStore,
    Often,
    Reminder,
    ReminderStore,
    Subscription,
    SubscriptionStore,
)
from store.jobs.sources import FetchStore, Robots, Seen, Source, SourceFile, SourceStore
from store.jobs.uploads import MessageRef, SlackFile, Submission, SubmissionStore, Upload

__all__ = [
    "NO_EVIDENCE",
    "AccessKey",
    "AccessKeyStore",
    "AnswerRecord",
    "AnswerVote",
    "AnsweredQuestion",
    "BriefJob",
    "BriefStore",
    "CalendarEventStore",
    "ConversationMessage",
    "DailyDigest",
    "Delivery",
    "DigestStore",
    "DraftJob",
    "DraftJobStore",
    "ExpertAnswer",
    "ExpertAnswerStore",
    "ExpertQuestion",
    "ExpertQuestionStore",
    "FetchStore",
    "Holder",
    "Installation",
    "InstallationStore",
    "Job",
    "KnownDates",
    "LanguageStore",
    "Lease",
    "LeaseLost",
    "MessageRef",
    "Notice",
    "NoticeStore",
    "Often",
    "Purpose",
    "QuestionJob",
    "QuestionOutcome",
    "QuestionStore",
    "Reminder",
    "ReminderStore",
    "RetryLater",
    "Revision",
    "Robots",
    "Runner",
    "Seen",
    "Share",
    "ShareStore",
    "SlackFile",
    "SlackMessage",
    "Source",
    "SourceFile",
    "SourceStore",
    "StoppableJobStore",
    "Submission",
    "SubmissionStore",
    "Subscription",
    "SubscriptionStore",
    "UnansweredQuestion",
    "Upload",
    "Vote",
    "open_database",
    "state_engine",
]
