import { Button, Group, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useId, useState } from "react";
import { type AudienceRow, ask, type NewAudience } from "@/api/client";
import { preview } from "@/api/queries";
import { Failure } from "@/hall/Failure";
import { Panel } from "@/hall/Panel";
import { Count } from "./Count";
import classes from "./Editor.module.css";
import { Grammar } from "./Grammar";
import { Problems } from "./Problems";
import { RuleInput } from "./RuleInput";
import { SqlSteps } from "./SqlSteps";

const TYPING_MS = 250;
const NAME = /^[a-z][a-z0-9_]*$/;

/** Writes a new audience; its exact size follows the typing. */
export default function Editor({ close }: { close: () => void }) {
  const [rule, setRule] = useState("");
  const [settled] = useDebouncedValue(rule, TYPING_MS);
  const counted = useQuery(preview(settled));
  const problemsId = useId();
  const answer = settled.trim() ? counted.data : undefined;
  const stale = settled !== rule || counted.isPlaceholderData || counted.isFetching;
  const problems = stale ? [] : (answer?.problems ?? []);
  return (
    <Panel title="New audience" note="everyone for whom the rule holds, from now on and at every moment">
      <div className={classes.editor}>
        <div className={classes.write}>
          <RuleInput value={rule} onChange={setRule} problems={problems} describedBy={problemsId} />
          <Problems id={problemsId} rule={rule} problems={problems} onMend={setRule} />
          {counted.isError && settled.trim() && (
            <Failure what="The size cannot be told" error={counted.error} />
          )}
        </div>
        <div className={classes.rail}>
          <Count preview={answer} stale={stale && settled.trim() !== ""} />
          <Save rule={rule} ready={!stale && answer?.size != null} close={close} />
        </div>
        <Grammar insert={(example) => setRule(rule.trim() ? `${rule.trimEnd()} and ${example}` : example)} />
      </div>
      {answer?.sql && <SqlSteps sql={answer.sql} />}
    </Panel>
  );
}

function Save({ rule, ready, close }: { rule: string; ready: boolean; close: () => void }) {
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const queries = useQueryClient();
  const navigate = useNavigate();
  const save = useMutation({
    mutationFn: (body: NewAudience) => ask<AudienceRow>("/v1/audiences", { method: "POST", body }),
    onSuccess: async (made) => {
      await queries.invalidateQueries({ queryKey: ["audiences"] });
      await navigate({ to: "/audiences/$name", params: { name: made.name } });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate({ name, rule, description });
  };
  const wrong = name !== "" && !NAME.test(name);
  return (
    <form onSubmit={submit} className={classes.save}>
      <TextInput
        size="xs"
        label="Name"
        placeholder="vip_buyers"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={wrong ? "a lower-case word: letters, digits and _" : undefined}
        data-testid="audience-name"
      />
      <TextInput
        size="xs"
        label="What it is for"
        value={description}
        onChange={(event) => setDescription(event.currentTarget.value)}
      />
      {save.isError && <Failure what="The audience was not saved" error={save.error} />}
      <Group gap="xs" justify="flex-end">
        <Button size="xs" variant="default" onClick={close}>
          Cancel
        </Button>
        <Button
          size="xs"
          type="submit"
          disabled={!ready || !name || wrong}
          loading={save.isPending}
          data-testid="audience-save"
        >
          Save audience
        </Button>
      </Group>
    </form>
  );
}
