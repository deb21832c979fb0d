// Reads iCalendar objects by ical.js: a JSON string a line comes in, a JSON array of its events goes out.
import { createInterface } from "node:readline";

import ICAL from "ical.js";

const day = (time) => time.toString().slice(0, 10);

function read(text) {
  const calendar = new ICAL.Component(ICAL.parse(text));
  return calendar.getAllSubcomponents("vevent").map((component) => {
    const event = new ICAL.Event(component);
    const allDay = event.startDate.isDate;
    const last = event.endDate.clone();
    if (allDay && component.hasProperty("dtend")) last.adjust(-1, 0, 0, 0);
    return [
      event.uid,
      component.getFirstPropertyValue("status"),
      allDay ? day(event.startDate) : event.startDate.toUnixTime(),
      allDay && component.hasProperty("dtend") ? day(last) : null,
      event.sequence,
      event.summary,
      event.description,
      event.location,
      component.getFirstProperty("categories").getValues(),
    ];
  });
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(read(JSON.parse(line)))}\n`);
}
