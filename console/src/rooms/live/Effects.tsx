import type { LiveEffect } from "@/api/client";
import classes from "./Effects.module.css";

/** What an event did, room by room, from the top down. */
export function Effects({ effects }: { effects: LiveEffect[] }) {
  if (effects.length === 0) return <span className="muted">Stored, and nothing else changed.</span>;
  return (
    <ol className={classes.way}>
      {byRoom(effects).map(([room, texts]) => (
        <li key={room}>
          <span className={classes.room}>{room}</span>
          {texts.map((text) => (
            <p key={text}>{text}</p>
          ))}
        </li>
      ))}
    </ol>
  );
}

function byRoom(effects: LiveEffect[]): [string, string[]][] {
  const rooms = new Map<string, string[]>();
  for (const { room, text } of effects) rooms.set(room, [...(rooms.get(room) ?? []), text]);
  return [...rooms];
}
