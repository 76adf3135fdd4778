import React from 'react';

/** The time in seconds since the epoch, again every second while something ticks, else twice a minute. */
export function useNow(isTicking: boolean): number {
  const [now, setNow] = React.useState(() => Date.now() / 1000);
  React.useEffect(() => {
    const timer = setInterval(() => setNow(Date.now() / 1000), isTicking ? 1000 : 30_000);
    return () => clearInterval(timer);
  }, [isTicking]);
  return Math.max(now, Date.now() / 1000);
}
