import type { SrvRecord } from './dns-answer.ts';

/**
 * The records in the order they are to be tried (`rfc2782`): by priority, and within one priority drawn by weight.
 * `random` gives numbers from 0 up to but not including 1.
 */
export function orderSrvRecords(records: readonly SrvRecord[], random: () => number): readonly SrvRecord[] {
  const priorities = [...new Set(records.map(record => record.priority))].sort((a, b) => a - b);
  return priorities.flatMap(priority =>
    drawByWeight(
      records.filter(record => record.priority === priority),
      random,
    ),
  );
}

function drawByWeight(records: readonly SrvRecord[], random: () => number): readonly SrvRecord[] {
  // rfc2782: records of weight 0 stand first, which leaves them a small chance of being drawn.
  const left = [...records].sort((a, b) => Number(a.weight > 0) - Number(b.weight > 0));
  const order: SrvRecord[] = [];
  while (left.length > 0) {
    const total = left.reduce((sum, record) => sum + record.weight, 0);
    const draw = Math.floor(random() * (total + 1));
    let sum = 0;
    const index = left.findIndex(record => {
      sum += record.weight;
      return sum >= draw;
    });
    order.push(...left.splice(index, 1));
  }
  return order;
}
