package demo

import "parlor/domain"

const (
	teamName  = "澜舍生活电器"
	adminName = "周以安"
)

var groupNames = []string{"售前咨询", "售后服务", "International"}

// siteList are the widget installations. Nothing ends in silence, so that the
// conversations left open are still open whenever someone looks.
var siteList = []domain.Site{
	{Key: "lanshemall", Name: "澜舍官网商城", Brand: "cobalt", Side: "right", Greeting: "您好，欢迎光临澜舍，请问有什么可以帮您？"},
	{Key: "lanshecare", Name: "澜舍售后中心", Brand: "celadon", Side: "right"},
	{Key: "lansheglobal", Name: "Lanshe Global", Brand: "plum", Side: "right", Greeting: "Hi! How can we help?"},
}

type person struct {
	name, email, role string
	group             int
}

var staff = []person{
	{"林晓雯", "lin@lanshe.example", "supervisor", 0},
	{"陈立", "chen@lanshe.example", "agent", 0},
	{"王思远", "wang@lanshe.example", "agent", 0},
	{"赵敏", "zhao@lanshe.example", "agent", 0},
	{"刘佳怡", "liu@lanshe.example", "supervisor", 1},
	{"孙浩", "sun@lanshe.example", "agent", 1},
	{"吴婷婷", "wu@lanshe.example", "agent", 1},
	{"徐磊", "xu@lanshe.example", "agent", 1},
	{"何静", "he@lanshe.example", "agent", 1},
	{"Emma Clarke", "emma@lanshe.example", "supervisor", 2},
	{"Daniel Osei", "daniel@lanshe.example", "agent", 2},
	{"黄子轩", "huang@lanshe.example", "agent", 2},
}

var (
	surnames = []rune("王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严")
	given    = []rune("伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红鑫宇浩然子涵欣怡雨桐梓萱一诺思睿俊熙佳琪嘉豪晨曦梦瑶志远文博建国海燕晓东春梅雪莹天翔")
	firsts   = []string{"Anna", "James", "Sofia", "Liam", "Olivia", "Noah", "Maria", "Lucas", "Emily", "Omar", "Chloe", "Ravi", "Grace", "Tom", "Nadia", "Ben", "Julia", "Hannah", "Peter", "Aisha"}
	lasts    = []string{"Smith", "Johnson", "Garcia", "Müller", "Brown", "Novak", "Taylor", "Khan", "Wilson", "Rossi", "Evans", "Nguyen", "Walker", "Silva", "Dubois", "Cohen", "Hall", "Kim", "Young", "Patel"}

	products = map[string][]string{
		"zh":    {"空气炸锅 A5", "扫地机器人 X3", "破壁机", "电饭煲 R40", "空气净化器 P2", "洗碗机 D8", "滚筒洗衣机", "净水器 W6", "吸尘器 V9", "烘干机", "油烟机", "燃气热水器", "加湿器 H1", "电烤箱", "咖啡机 C7", "变频空调", "对开门冰箱", "养生壶"},
		"en":    {"air fryer A5", "robot vacuum X3", "blender", "rice cooker R40", "air purifier P2", "dishwasher D8", "washing machine", "water filter W6", "cordless vacuum V9", "tumble dryer", "humidifier H1", "coffee machine C7", "toaster oven", "kettle"},
		"mixed": {"air fryer A5", "扫地机器人 X3", "purifier P2", "dishwasher D8", "vacuum V9", "咖啡机 C7", "robot X3 Pro", "humidifier H1"},
	}
	cities = map[string][]string{
		"zh":    {"上海", "北京", "杭州", "成都", "广州", "深圳", "武汉", "西安", "南京", "重庆", "苏州", "青岛", "长沙", "昆明", "沈阳", "郑州", "厦门", "哈尔滨"},
		"en":    {"London", "Berlin", "Singapore", "Sydney", "Toronto", "Dublin", "Paris", "Melbourne", "Boston", "Madrid"},
		"mixed": {"Singapore", "香港", "Vancouver", "Sydney", "澳门", "Kuala Lumpur"},
	}
	agents = map[string]string{
		"zh":    "Mozilla/5.0 (Linux; Android 15; V2309A) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36",
		"en":    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_6) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
		"mixed": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
	}
	pages = []struct{ path, title string }{
		{"/", "澜舍生活电器 · 官网"}, {"/products/air-fryer-a5", "空气炸锅 A5"}, {"/products/robot-x3", "扫地机器人 X3"}, {"/products/purifier-p2", "Air purifier P2"},
		{"/orders", "我的订单"}, {"/support/warranty", "保修政策"}, {"/en/shipping", "Shipping & returns"}, {"/cart", "购物车"},
	}
	referrers = []string{"", "", "https://www.baidu.com/", "https://www.google.com/", "https://www.xiaohongshu.com/", "https://www.lanshe.example/"}
	languages = map[string]string{"zh": "zh-CN", "en": "en-GB", "mixed": "zh-HK"}
)

// name is what a customer is called; about half never say.
func (r *random) name(lang string) string {
	switch {
	case r.IntN(100) < 55:
		return ""
	case lang == "en":
		return pick(r, firsts) + " " + pick(r, lasts)
	case r.IntN(4) == 0:
		return string([]rune{pick(r, surnames), pick(r, given)})
	}
	return string([]rune{pick(r, surnames), pick(r, given), pick(r, given)})
}
