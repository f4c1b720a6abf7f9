package content

// Role is what a field means to the program. A schema assigns roles to fields, by the word role; Go code asks for
// them and knows no key of any collection. What a whole view is made of (大事记, rolls, statistics) stands in the
// schema's chronicle, roll and series.
type Role uint8

// The roles, and what is made of a field that has one.
const (
	NoRole Role = iota

	Summary   // stands for the record in lists and to search engines
	Remark    // a text at the end of a record's page
	LeadTitle // above the title
	Subtitle  // below it
	Region    // where, of the terms that every record may have
	Industry
	Tags
	DraftFlag    // not to be published
	PublishOn    // not before
	ExpireOn     // not from then on
	WithdrawnOn  // withdrawn by then: a page says so, and nothing else
	WithdrawnWhy // why, for readers
	OldURLs      // redirects to the record
	Modified     // when what is said was last changed
	PublicReason // why personal data in the record may be public

	Author    // who wrote it: citation, feed, meta elements
	Publisher // who published it
	Issue     // number of the issue

	Born
	Died
	Reading // of a name, in pinyin, where the usual one is wrong
	OtherNames
	FormerNames
	NativePlace
	Unit // where a person works, which tells namesakes apart
	Posts
	Gender
	Ethnicity
	SameAs
	NotSameAs
	MaybeSame
	Portrait

	Parent       // what an organization belongs to
	Predecessors // what it was before
	Ended        // when it ceased to be

	Level   // of an honour: groups the rolls
	Grantor // of an honour
	Interval
	Revoked   // of a conferral: it does not hold any more
	ListGroup // of a conferral: the heading of the list that it stands under
	Official  // of a round: how many were announced

	SumOf    // of a number: the parts that it is the sum of
	Reviewed // findings of check that were looked at, each with a reason

	Place    // where something happened
	Depicted // who is in a picture, and where they stand
	Zoom     // a picture is to be looked at closely
	Alt      // what a picture shows, for those who can't see it
	Caption

	Cited          // in a source: the record or the text
	CitedFor       // the field that it proves
	CitedPage      // where in it
	CitedWords     // its words
	CitedTrust     // how far it is to be trusted
	CitedNote      // a remark about it
	Corrections    // what was corrected after publication, and when
	Aside          // in an object: a text that stands in brackets
	CitedSays      // what it has in place of the field's value, where it says otherwise
	BaseValue      // in a comparison: what a number is compared with
	Stated         // in a comparison: the words of the text
	RatioPart      // of a rate: what is divided
	RatioWhole     // of a rate: by what
	OfficialCount  // in what was announced: a number
	OfficialRegion // of a region alone
	OfficialClass  // of a class alone
	Recipients     // of an honour: whether it is given to people, collectives or units

	roleCount
)

// roleRow is what is known of a role.
type roleRow struct {
	name  string // in a schema
	help  string // what a field of that role is, for docs/schema.md
	types []Type
	many  bool // it may have several values
	part  bool // it is given to parts of objects
}

var roles = [roleCount]roleRow{
	Summary:        {name: "summary", help: "摘要：列表里、搜索引擎那里用它代表这条记录", types: []Type{Text}},
	Remark:         {name: "remark", help: "页末的附注", types: []Type{Markdown}},
	LeadTitle:      {name: "lead_title", help: "引题，在标题上面", types: []Type{Text}},
	Subtitle:       {name: "subtitle", help: "副题，在标题下面", types: []Type{Text}},
	Region:         {name: "region", help: "地区", types: []Type{Term, Enum}, many: true},
	Industry:       {name: "industry", help: "行业", types: []Type{Term, Enum}, many: true},
	Tags:           {name: "tags", help: "主题词，也是网页的关键词", types: []Type{Term, Enum}, many: true},
	DraftFlag:      {name: "draft", help: "是就不发布", types: []Type{Bool}},
	PublishOn:      {name: "publish_on", help: "到这个时间才发布", types: []Type{Time}},
	WithdrawnOn:    {name: "withdrawn", help: "撤下的日期：网址上只留一页说明", types: []Type{DateType}},
	WithdrawnWhy:   {name: "withdrawn_why", help: "撤下的原因，写在留下的那一页上", types: []Type{Text}},
	ExpireOn:       {name: "expire_on", help: "过了这个时间不再发布", types: []Type{Time}},
	OldURLs:        {name: "old_urls", help: "旧网址，访问时转到这条记录", types: []Type{PathType}, many: true},
	Modified:       {name: "modified", help: "内容最近一次修改的日期：站点地图和订阅源用它", types: []Type{DateType}},
	PublicReason:   {name: "public_reason", help: "为什么记录里的个人信息可以公开", types: []Type{Text}},
	Author:         {name: "author", help: "作者：引用格式、订阅源和网页的元数据用它", types: []Type{Text, RefType}, many: true},
	Publisher:      {name: "publisher", help: "出版者、来源：出处的注和网页的元数据用它", types: []Type{Text, RefType}},
	Issue:          {name: "issue", help: "期号版次，写在出处的注里", types: []Type{Text}},
	Born:           {name: "born", help: "出生：与逝世合成生卒年", types: []Type{DateType}},
	Died:           {name: "died", help: "逝世", types: []Type{DateType}},
	Reading:        {name: "reading", help: "姓名的拼音，程序读错时照它排序", types: []Type{Text}},
	OtherNames:     {name: "other_names", help: "别名、曾用名、简称", types: []Type{Text}, many: true},
	NativePlace:    {name: "native_place", help: "籍贯", types: []Type{Text, Term}},
	Unit:           {name: "unit", help: "单位：人名索引和名册用它分清同名的人", types: []Type{Text, RefType}, many: true},
	Posts:          {name: "posts", help: "任职：没有单位的，人名索引用它", types: []Type{Object}, many: true},
	SameAs:         {name: "same_as", help: "同一个人的另一条记录", types: []Type{RefType}, many: true},
	NotSameAs:      {name: "not_same_as", help: "同名的另一个人", types: []Type{RefType}, many: true},
	Corrections:    {name: "corrections", help: "更正：最近一次的日期是这条记录在订阅源里的更新时间", types: []Type{Object}, many: true},
	Gender:         {name: "gender", help: "性别：名册所注与此不同的，不是这个人", types: []Type{Enum, Text}},
	Ethnicity:      {name: "ethnicity", help: "民族：名册所注与此不同的，不是这个人", types: []Type{Text, Enum, Term}},
	FormerNames:    {name: "former_names", help: "从前的名称：写着它的，认作这条记录", types: []Type{Text}, many: true},
	MaybeSame:      {name: "maybe_same_as", help: "可能是同一人：在页面上注明，不合并", types: []Type{RefType}, many: true},
	Parent:         {name: "parent", help: "上级：认单位时，上级和下属算在一起", types: []Type{RefType}, many: true},
	Predecessors:   {name: "predecessors", help: "前身：认单位时算同一个；本单位的名册也列前身的", types: []Type{RefType}, many: true},
	Ended:          {name: "ended", help: "撤销、停办的时间：同名的单位按年代分清", types: []Type{DateType}},
	Portrait:       {name: "portrait", help: "照片：图片文件名，或照片所在的记录", types: []Type{RefType}},
	Level:          {name: "level", help: "荣誉的级别，名册按它分组", types: []Type{Enum, Term, Text}},
	Grantor:        {name: "grantor", help: "颁授机关，写在名册页上", types: []Type{Object, RefType, Text}, many: true},
	Interval:       {name: "interval", help: "周期，写在名册页上", types: []Type{Text, Enum}},
	Revoked:        {name: "revoked", help: "有这一项的授予已经撤销", types: []Type{Object, Bool, DateType}},
	ListGroup:      {name: "list_group", help: "名单上的小标题", types: []Type{Text, Term}},
	Official:       {name: "official", help: "公布的人数", types: []Type{Object}, many: true},
	Place:          {name: "place", help: "地点，写在大事记里", types: []Type{Text, Term, RefType}},
	Depicted:       {name: "depicted", help: "图中的人物和位置，列在图片旁边", types: []Type{Object}, many: true},
	Zoom:           {name: "zoom", help: "图片可以放大细看", types: []Type{Bool}},
	Alt:            {name: "alt", help: "图片的替代文本，给看不见图片的读者", types: []Type{Text}},
	Caption:        {name: "caption", help: "图片的说明", types: []Type{Text}},
	Cited:          {name: "cited", help: "出处：史料的记录或名称", types: []Type{RefType, Text}, part: true},
	CitedFor:       {name: "cited_for", help: "出处：证明哪个字段", types: []Type{Text}, part: true},
	CitedPage:      {name: "cited_page", help: "出处：页码", types: []Type{Text}, part: true},
	CitedWords:     {name: "cited_words", help: "出处：引文", types: []Type{Text}, part: true},
	CitedTrust:     {name: "cited_trust", help: "出处：可信度", types: []Type{Enum, Text}, part: true},
	CitedNote:      {name: "cited_note", help: "出处：说明", types: []Type{Text}, part: true},
	Aside:          {name: "aside", help: "分项里放在括号内的一项", types: []Type{Text, Term}, part: true},
	CitedSays:      {name: "cited_says", help: "出处：它另有一说，写它的说法；页面上两说并列", types: []Type{Text}, part: true},
	BaseValue:      {name: "base_value", help: "对比：基数", types: []Type{Number}, part: true},
	Stated:         {name: "stated", help: "对比：原文的说法，如“增长4.7倍”，和两个数核对", types: []Type{Text}, part: true},
	RatioPart:      {name: "ratio_part", help: "比率：分子是哪一条统计", types: []Type{RefType}, part: true},
	RatioWhole:     {name: "ratio_whole", help: "比率：分母是哪一条统计", types: []Type{RefType}, part: true},
	SumOf:          {name: "sum_of", help: "合计：由哪几条统计相加", types: []Type{RefType}, many: true},
	Reviewed:       {name: "reviewed", help: "check 的提醒看过、不用改的，写“种类：缘由”", types: []Type{Text}, many: true},
	OfficialCount:  {name: "official_count", help: "公布的人数：数目", types: []Type{Integer}, part: true},
	OfficialRegion: {name: "official_region", help: "公布的人数：只是这个地区的", types: []Type{Text, Term}, part: true},
	Recipients:     {name: "recipients", help: "授予对象（个人、集体、单位）：和获得者核对", types: []Type{Enum}, many: true},
	OfficialClass:  {name: "official_class", help: "公布的人数：只是这个类别的", types: []Type{Text, Term, Enum}, part: true},
}

// String is the role as a schema writes it.
func (r Role) String() string { return roles[r].name }

// roleNames lists the roles as a schema writes them.
func roleNames() []string {
	var l []string
	for _, r := range roles[1:] {
		l = append(l, r.name)
	}
	return l
}
