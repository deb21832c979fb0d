"""Programs that measure and try the whole: run by hand and by CI, not collected by pytest."""
