import { useState } from "react";
import type { MinuteCount } from "@/api/client";
import { clockMinute, count, many } from "@/hall/format";
import { Panel } from "@/hall/Panel";
import classes from "./Minutes.module.css";

const HEIGHT = 88;

/** Events per minute of the last hour, one bar a minute. */
export function Minutes({ minutes }: { minutes: MinuteCount[] }) {
  const [at, setAt] = useState<number | null>(null);
  const top = Math.max(1, ...minutes.map((minute) => minute.events));
  const total = minutes.reduce((sum, minute) => sum + minute.events, 0);
  const pointed = at === null ? undefined : minutes[at];
  return (
    <Panel
      title="Events per minute"
      note={
        pointed
          ? `${clockMinute(pointed.minute)} · ${many(pointed.events, "event", "events")}`
          : "the last hour"
      }
      action={
        <span className="muted">{total ? `${count(total)} in all, ${count(top)} at most` : "none"}</span>
      }
    >
      <svg
        className={classes.chart}
        viewBox={`0 0 ${minutes.length * 10} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${many(total, "event", "events")} in the last hour, at most ${count(top)} in a minute`}
        onMouseLeave={() => setAt(null)}
      >
        {minutes.map((minute, index) => (
          // biome-ignore lint/a11y/noStaticElementInteractions: the figures are told by the label of the whole
          <g key={minute.minute} onMouseEnter={() => setAt(index)} data-on={at === index || undefined}>
            <rect className={classes.hit} x={index * 10} y={0} width={10} height={HEIGHT} />
            <Bar
              index={index}
              height={(minute.events / top) * (HEIGHT - 4)}
              last={index === minutes.length - 1}
            />
          </g>
        ))}
      </svg>
      <div className={classes.axis} aria-hidden="true">
        <span>{minutes[0] && clockMinute(minutes[0].minute)}</span>
        <span>
          {minutes.length > 2 && clockMinute(minutes[Math.floor(minutes.length / 2)]?.minute ?? "")}
        </span>
        <span>now</span>
      </div>
    </Panel>
  );
}

function Bar({ index, height, last }: { index: number; height: number; last: boolean }) {
  const shown = height === 0 ? 1 : Math.max(height, 2.5);
  return (
    <rect
      className={height === 0 ? classes.none : last ? classes.now : classes.bar}
      x={index * 10 + 1}
      y={HEIGHT - shown}
      width={8}
      height={shown}
    />
  );
}
