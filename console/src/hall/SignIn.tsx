import { Button, PasswordInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { token } from "@/api/token";
import { Wordmark } from "./Logo";
import { SchemeToggle } from "./Shell";
import classes from "./SignIn.module.css";

/** Asks for the administrator's token. */
export function SignIn({ refused }: { refused: boolean }) {
  const [value, setValue] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (value.trim()) token.keep(value);
  };
  return (
    <main className={classes.room}>
      <form className={classes.card} onSubmit={submit}>
        <div className={classes.top}>
          <Wordmark />
          <SchemeToggle />
        </div>
        <PasswordInput
          label="Admin token"
          description="It was shown once, when the server first started. It stays in this tab only."
          placeholder="paste the token"
          value={value}
          onChange={(event) => setValue(event.currentTarget.value)}
          error={refused ? "The server did not accept this token. Paste it again." : undefined}
          autoComplete="off"
          autoFocus
          spellCheck={false}
          data-testid="token-input"
        />
        <Button type="submit" fullWidth disabled={!value.trim()} data-testid="sign-in">
          Sign in
        </Button>
        <p className={classes.hint}>
          <code className="mono">sonder demo</code> prints a link that signs in by itself.
        </p>
      </form>
    </main>
  );
}
