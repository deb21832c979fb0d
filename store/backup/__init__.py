"""Backup of a whole store into one archive, and its restore, also into another kind of database.

An archive has the stored files, and the rows of both databases as text that is the same for every kind of database.
The full text and the vectors' index are not in it: a restore builds them from the rows.
"""

from store.backup.archive import open_archive
from store.backup.backup import BackupReport, WholeStore, restore, write_backup

__all__ = ["BackupReport", "WholeStore", "open_archive", "restore", "write_backup"]
