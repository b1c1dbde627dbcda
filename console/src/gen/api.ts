/**
 * The words on the wire, in the form that `npm run gen` writes from the OpenAPI document.
 * Do not edit: change crates/api and generate again.
 */
export interface components {
  schemas: {
    /** The whole house at a glance. All figures are of the moment `as_of`. */
    Home: {
      as_of: string;
      profiles: number;
      /** Profiles of which more than a device is known. */
      known: number;
      identifiers: number;
      events: number;
      records: number;
      links: number;
      audiences: number;
      /** Facts that are durable but not yet walked. */
      waiting: number;
      delivered: number;
      blocked: number;
      /** Events per minute over the last hour, oldest first, by time of receipt. */
      minutes: components["schemas"]["MinuteCount"][];
      sources: components["schemas"]["SourceRow"][];
      destinations: components["schemas"]["DestinationRow"][];
      version: string;
    };
    MinuteCount: {
      minute: string;
      events: number;
    };
    /** The latest events, newest first. `GET /v1/live` gives them once, `GET /v1/live/stream` as server-sent events. */
    LiveList: {
      data: components["schemas"]["LiveEvent"][];
    };
    /** An event and what it did. */
    LiveEvent: {
      seq: number;
      message_id: string;
      /** `track`, `page`, `identify`, `record`, `link` … */
      type: string;
      event: string;
      source: string;
      time: string;
      received_at: string;
      /** The profile that the event belongs to now. */
      profile: string;
      identifiers: string[];
      effects: components["schemas"]["LiveEffect"][];
      body: Record<string, unknown>;
    };
    /** One thing that an event did, by room: `identity` “linked anonymous_id … to P17”, `profiles` “email changed”, `audiences` “entered vip_buyers” …. */
    LiveEffect: {
      room: string;
      text: string;
    };
    /** The way of one event through the rooms. */
    Trace: {
      message_id: string;
      source: string;
      seq: number;
      received_at: string;
      profile: string;
      steps: components["schemas"]["Step"][];
    };
    Step: {
      /** `collect`, `journal`, `identity`, `profiles`, `audiences`, `activation`. */
      room: string;
      at: string;
      took_us: number;
      what: string;
    };
    SqlRequest: {
      /** One read-only statement over the tables of the lake. */
      sql: string;
    };
    SqlAnswer: {
      columns: string[];
      rows: Record<string, unknown>[];
      truncated: boolean;
      took_ms: number;
    };
    /** The answer to accepted events: they are durable. */
    Accepted: {
      success: boolean;
      /** How many events were stored. */
      accepted: number;
      /** Those items of a batch that were refused; everything beside them was stored. */
      refused?: components["schemas"]["Refused"][];
    };
    Refused: {
      /** The item's place in the batch, from 0. */
      index: number;
      message_id?: string | null;
      code: string;
      message: string;
    };
    /** A source that may send events. */
    NewSource: {
      /** A lower-case word, e.g. `web`. */
      name: string;
    };
    /** A source with its write key, shown when it is made or asked for by an administrator. */
    SourceKey: {
      name: string;
      write_key: string;
    };
    SourceList: {
      data: components["schemas"]["SourceRow"][];
    };
    /** A source and how it fares. `state` is `live` (a fact in the last 5 minutes), `quiet`, `failing` (refusals in the last 5 minutes) or `waiting` (nothing yet). */
    SourceRow: {
      name: string;
      state: string;
      facts: number;
      refused: number;
      /** Messages that came again and were recognised. */
      repeated: number;
      last_seen?: string | null;
      /** Whether it has a write key (sources that only import files have none). */
      has_write_key: boolean;
    };
    /** What became of an import. */
    ImportReport: {
      source: string;
      rows: number;
      facts: number;
      skipped: number;
      refused: number;
      /** Where the refused rows are, relative to the data folder. */
      quarantine?: string | null;
      /** The first few refusals. */
      samples: components["schemas"]["Refused"][];
    };
    /** Where a list goes on. Give `next` back as `?next=` to read the following page. */
    Cursor: {
      has_more: boolean;
      limit: number;
      next?: string | null;
    };
    ProfileList: {
      data: components["schemas"]["ProfileRow"][];
      cursor: components["schemas"]["Cursor"];
      /** How many profiles there are in all. */
      total: number;
    };
    /** One person (or anonymous visitor) in a list. */
    ProfileRow: {
      id: string;
      /** A name, an e-mail or the first identifier: whatever tells people apart best. */
      label: string;
      /** Whether anything but devices is known. */
      known: boolean;
      identifiers: number;
      email?: string | null;
      last_seen?: string | null;
    };
    /** `GET /v1/profiles/{id}/traits`. `traits` is the plain object; with `?verbose=true` each comes with its source and time in `data`. */
    TraitList: {
      traits: Record<string, unknown>;
      data: components["schemas"]["TraitRow"][];
    };
    /** The winning value of a trait: the latest by time, then by place in the journal. */
    TraitRow: {
      name: string;
      value: unknown;
      source: string;
      time: string;
      /** The identifier whose fact says so. */
      identifier: string;
      /** Other values that lost, newest first. */
      others?: unknown[];
    };
    ExternalIdList: {
      data: components["schemas"]["ExternalId"][];
    };
    ExternalId: {
      /** The kind, e.g. `email`. */
      type: string;
      id: string;
      first_seen: string;
      source: string;
    };
    EventList: {
      data: components["schemas"]["EventRow"][];
      cursor: components["schemas"]["Cursor"];
    };
    /** One event of a timeline, newest first. */
    EventRow: {
      seq: number;
      message_id: string;
      /** `track`, `page`, `identify` … */
      type: string;
      /** The event's name, else its kind. */
      event: string;
      name?: string | null;
      source: string;
      time: string;
      /** The identifier that owns the event. */
      identifier: string;
      properties: Record<string, unknown>;
      context: Record<string, unknown>;
    };
    Metadata: {
      id: string;
      label: string;
      known: boolean;
      created_at: string;
      last_seen: string;
      events: number;
      /** Ids that this profile had, or whose profiles became part of it. */
      previous_ids: string[];
      /** Decisions by purpose, e.g. `email_marketing: granted`. */
      consents: Record<string, unknown>;
    };
    ProfileAudienceList: {
      data: components["schemas"]["ProfileAudience"][];
    };
    ProfileAudience: {
      audience: string;
      since: string;
    };
    /** The identity graph of one profile: identifiers and the evidence between them. */
    Graph: {
      nodes: components["schemas"]["GraphNode"][];
      edges: components["schemas"]["GraphEdge"][];
    };
    GraphNode: {
      /** `kind:value`. */
      id: string;
      kind: string;
      value: string;
      /** Whether it belongs to this profile (refused edges lead to others). */
      inside: boolean;
      profile: string;
    };
    GraphEdge: {
      a: string;
      b: string;
      accepted: boolean;
      /** `together` for a fact that carried both, or the operator's word. */
      reason: string;
      source: string;
      time: string;
    };
    /** An operator's word about two identifiers: `always`, `never` or `withdrawn`. */
    LinkRequest: {
      a: string;
      b: string;
      verdict: string;
      reason?: string;
    };
    NewAudience: {
      /** A lower-case word, e.g. `vip_buyers`. */
      name: string;
      /** The rule's text. */
      rule: string;
      description?: string;
    };
    AudienceList: {
      data: components["schemas"]["AudienceRow"][];
    };
    AudienceRow: {
      name: string;
      description: string;
      /** The rule as canonical text. */
      rule: string;
      /** The rule as JSON. */
      rule_json: Record<string, unknown>;
      /** Members now. */
      size: number;
      /** Size as a share of all profiles, 0 to 1. */
      share: number;
      /** Destinations that follow it. */
      destinations: string[];
      created_at: string;
    };
    PreviewRequest: {
      rule: string;
    };
    /** The exact size of a rule over all history. Where the rule has problems, `size` is absent and they are listed. */
    Preview: {
      size?: number | null;
      /** All profiles, of which `size` is a part. */
      of: number;
      /** The rule as canonical text. */
      rule?: string | null;
      /** Everything known at this moment is counted. */
      as_of: string;
      took_ms: number;
      problems: components["schemas"]["Problem"][];
      /** The named SQL steps that answered. */
      sql?: string | null;
    };
    /** A mistake in a rule's text, with its place in bytes. */
    Problem: {
      start: number;
      end: number;
      code: string;
      message: string;
      alternatives: string[];
    };
    MemberList: {
      data: components["schemas"]["MemberRow"][];
      cursor: components["schemas"]["Cursor"];
      total: number;
    };
    MemberRow: {
      id: string;
      label: string;
      since: string;
    };
    /** Why a profile is, or is not, in an audience. */
    Why: {
      profile: string;
      audience: string;
      member: boolean;
      /** When time alone could change the answer. */
      changes_at?: string | null;
      /** The rule as a tree, each part with what it found. */
      tree: Record<string, unknown>;
    };
    /** One part of a rule with its evidence, as in `Why::tree`. */
    RulePart: {
      text: string;
      holds: boolean;
      evidence: string[];
      children: components["schemas"]["RulePart"][];
    };
    /** A destination to be made: its kind's options are described by `GET /v1/destinations/kinds`. */
    NewDestination: {
      name: string;
      /** `webhook` or `file`. */
      kind: string;
      /** The audience that it follows. */
      audience: string;
      /** The purpose for which people must have given consent, e.g. `email_marketing`. */
      purpose: string;
      options: Record<string, unknown>;
    };
    DestinationList: {
      data: components["schemas"]["DestinationRow"][];
    };
    /** A destination and how it fares: `state` is `ok`, `failing`, `waiting` (nothing sent yet). */
    DestinationRow: {
      name: string;
      kind: string;
      audience: string;
      purpose: string;
      state: string;
      delivered: number;
      /** Refused by consent. */
      blocked: number;
      waiting: number;
      /** Given up after all retries. */
      dead: number;
      /** Options with secrets hidden. */
      options: Record<string, unknown>;
    };
    DestinationKindList: {
      data: components["schemas"]["DestinationKind"][];
    };
    /** A kind of destination, with the schema from which its form is drawn. */
    DestinationKind: {
      name: string;
      title: string;
      about: string;
      /** JSON Schema of the options. */
      options: Record<string, unknown>;
    };
    DeliveryList: {
      data: components["schemas"]["DeliveryRow"][];
    };
    /** One line of the ledger. `outcome` is `delivered`, `blocked`, `waiting` or `dead`. */
    DeliveryRow: {
      id: string;
      destination: string;
      audience: string;
      profile: string;
      /** `enter` or `exit`. */
      action: string;
      outcome: string;
      attempts: number;
      /** The receiver's answer, or why consent refused. */
      reason: string;
      at: string;
    };
    /** The body of every answer that is not a success. */
    ErrorBody: {
      error: components["schemas"]["ErrorDetail"];
    };
    ErrorDetail: {
      /** Stable, e.g. `event_too_large`. */
      code: string;
      message: string;
      /** What to do about it. */
      help?: string | null;
    };
  };
}
