import { useClipboard } from "@mantine/hooks";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import classes from "./Copy.module.css";

/** A text that a click copies. */
export function Copy({ text, label }: { text: string; label?: string }) {
  const clipboard = useClipboard({ timeout: 1500 });
  return (
    <button
      type="button"
      className={classes.copy}
      onClick={() => clipboard.copy(text)}
      title={`Copy ${text}`}
      aria-label={`Copy ${text}`}
    >
      <span className="mono">{label ?? text}</span>
      <Tick done={clipboard.copied} />
    </button>
  );
}

/** A line for the terminal (or, `plain`, of anything), drawn like a button. */
export function CopyLine({ text, plain }: { text: string; plain?: boolean }) {
  const clipboard = useClipboard({ timeout: 1500 });
  return (
    <button
      type="button"
      className={classes.line}
      onClick={() => clipboard.copy(text)}
      aria-label={`Copy ${text}`}
    >
      {!plain && (
        <span aria-hidden="true" className={classes.prompt}>
          $
        </span>
      )}
      <span className={classes.command}>{text}</span>
      <Tick done={clipboard.copied} />
    </button>
  );
}

function Tick({ done }: { done: boolean }) {
  return (
    <>
      {done ? <IconCheck size={14} aria-hidden="true" /> : <IconCopy size={14} aria-hidden="true" />}
      <span role="status" className="visually-hidden">
        {done ? "copied" : ""}
      </span>
    </>
  );
}
