import {
  IconAppWindow,
  IconArrowsJoin,
  IconBan,
  IconBolt,
  IconDatabase,
  IconDeviceMobile,
  IconEye,
  IconIdBadge2,
  IconLink,
  IconMail,
  IconMessageCircle,
  IconReceipt,
  IconShieldCheck,
  IconShoppingCart,
  IconUsersGroup,
} from "@tabler/icons-react";

const BY_TYPE: Record<string, typeof IconBolt> = {
  page: IconAppWindow,
  screen: IconDeviceMobile,
  identify: IconIdBadge2,
  group: IconUsersGroup,
  alias: IconArrowsJoin,
  record: IconDatabase,
  link: IconLink,
};

const BY_WORD: [RegExp, typeof IconBolt][] = [
  [/consent/i, IconShieldCheck],
  [/refund|cancel|unsubscrib/i, IconBan],
  [/order|purchase|receipt/i, IconReceipt],
  [/cart|checkout/i, IconShoppingCart],
  [/mail|campaign/i, IconMail],
  [/ticket|chat|support/i, IconMessageCircle],
  [/view|impression|search/i, IconEye],
];

/** A picture of an event by its type, and for `track` by the words of its name. */
export function EventIcon({ type, event, size = 16 }: { type: string; event: string; size?: number }) {
  const Icon = BY_TYPE[type] ?? BY_WORD.find(([word]) => word.test(event))?.[1] ?? IconBolt;
  return <Icon size={size} stroke={1.6} role="img" aria-label={type} />;
}
