"""Backup of a whole store into one archive, and its restore, also into another kind of database.

An archive has the rows of both databases as text that depends on no kind of database, and the stored files. The full
text and the vectors' index are not in it: a restore builds them from the rows.
"""

from store.backup.archive import open_archive
from store.backup.backup import write_backup
from store.backup.restore import restore
from store.backup.scope import BackupReport, WholeStore

__all__ = ["BackupReport", "WholeStore", "open_archive", "restore", "write_backup"]
