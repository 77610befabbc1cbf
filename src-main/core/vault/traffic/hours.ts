const minutes = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));

/** @param hours of {@link trafficHoursPattern} @param minute of the day, from 0 on */
export function isWithin(hours: string, minute: number): boolean {
  const [from = '', to = ''] = hours.split('-');
  if (from === '' || to === '' || from === to) return true;
  const [begin, end] = [minutes(from), minutes(to)];
  return begin < end ? minute >= begin && minute < end : minute >= begin || minute < end;
}

export function minuteOfDay(now: number): number {
  const at = new Date(now);
  return at.getHours() * 60 + at.getMinutes();
}
