import { percent } from "./format";
import classes from "./ShareBar.module.css";

/** A share from 0 to 1, as a bar and in digits; on a phone in digits only. */
export function ShareBar({ share }: { share: number }) {
  return (
    <span className={classes.share}>
      <span aria-hidden="true" className={classes.track}>
        <span className={classes.fill} style={{ width: `${share * 100}%`, minWidth: share > 0 ? 2 : 0 }} />
      </span>
      <span className={classes.digits}>{percent(share)}</span>
    </span>
  );
}
