import { Button } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { ApiError } from "@/api/client";
import classes from "./Notice.module.css";

interface FailureProps {
  /** What could not be done, e.g. `The people cannot be shown`. */
  what: string;
  error: unknown;
  retry?: () => void;
}

/** What went wrong, why, what to do next, and the code to ask others about. */
export function Failure({ what, error, retry }: FailureProps) {
  const api = error instanceof ApiError ? error : null;
  return (
    <div role="alert" className={classes.failure}>
      <IconAlertTriangle size={18} aria-hidden="true" />
      <div>
        <p className={classes.what}>{what}</p>
        <p>{sentence(error instanceof Error ? error.message : String(error))}</p>
        {api?.help && <p className="muted">{sentence(api.help)}</p>}
        <p className={classes.foot}>
          {api && <code className="mono">{api.code}</code>}
          {retry && (
            <Button size="compact-xs" variant="default" onClick={retry}>
              Try again
            </Button>
          )}
        </p>
      </div>
    </div>
  );
}

/** Messages of the house have no capital and no full stop; on a page they are sentences. */
function sentence(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}
