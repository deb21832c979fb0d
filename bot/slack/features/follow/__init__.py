"""What people follow in the register: topics, by digests and alerts, single dates, by reminders, and calendars."""
