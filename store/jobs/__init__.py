"""What the bot has to do, in a database of its own: questions, uploads and digests are jobs with leases.

A long ingest never blocks a reply, as that is another database. The rule that nothing is lost and nothing done twice
is in `leases`; `runner` works by it.
"""

from store.errors import LeaseLost
from store.jobs.database import open_database
from store.jobs.digests import DigestRun, DigestRuns
from store.jobs.leases import Holder, Job, JobStore, Lease
from store.jobs.questions import Asked, Outcome, Question, Said, State
from store.jobs.runner import Postponed, Runner
from store.jobs.uploads import Given, Standing, Submission, Submissions, Upload

__all__ = [
    "Asked",
    "DigestRun",
    "DigestRuns",
    "Given",
    "Holder",
    "Job",
    "JobStore",
    "Lease",
    "LeaseLost",
    "Outcome",
    "Postponed",
    "Question",
    "Runner",
    "Said",
    "Standing",
    "State",
    "Submission",
    "Submissions",
    "Upload",
    "open_database",
]
