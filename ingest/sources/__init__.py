"""Documents that come by themselves, from pages, feeds and folders."""
